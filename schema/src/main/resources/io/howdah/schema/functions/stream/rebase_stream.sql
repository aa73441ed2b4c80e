-- Brings a stream into the first epoch after a restore, and returns its last position.
--
-- What was left behind without a position gets one now, in the order of seq. From then on windows read only what is at
-- or above the epoch's first number, so nothing counts as seen yet. If nothing was left behind the newest tick is moved
-- into the epoch, once per restore, so that nobody looks for it again. The caller holds the stream's lock; v_tick is its
-- newest tick.
create or replace function howdah.rebase_stream(v_tick howdah.tick, v_epoch howdah.epoch) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_last constant bigint := v_tick.first + v_tick.n - 1;
begin
  insert into howdah.tick (seg, stream, epoch, segs, first, n, lo, hi, at, xids, seen)
  select howdah.current_segment(), v_tick.stream, v_epoch.no, bit_or(1 << m.seg), v_last + min(m.no), count(*), min(m.seq),
    max(m.seq), howdah.now(),
    int8multirange(int8range(0, 9223372036854775807)) - case when m.unseen then v_tick.seen else '{}' end, '{}'
  from (
    select l.seq, l.seg, l.unseen, row_number() over (order by l.seq) as no
    from howdah.left_behind(v_tick.stream, v_tick, v_epoch) l
  ) m
  group by m.unseen, (m.no - 1) / 1000;
  if not found then
    update howdah.tick t set epoch = v_epoch.no, seen = '{}'
    where t.seg = v_tick.seg and t.stream = v_tick.stream and t.first = v_tick.first;
  end if;
  return coalesce((select max(t.first + t.n - 1) from howdah.tick t where t.stream = v_tick.stream), v_last);
end
$$;
