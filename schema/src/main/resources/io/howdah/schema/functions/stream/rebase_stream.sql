-- Brings a stream into the first epoch after a restore, and returns its last position.
--
-- What is in no tick yet (its transaction was not seen by the newest tick) gets its positions now, in the order of seq,
-- bounded by the first seq of the new epoch. The messages of a dump have all been committed, so none can come later.
-- From then on windows read only what is at or above that bound, so nothing counts as seen yet. Without such messages
-- nothing is written, and the next call looks again. The caller holds the stream's lock.
create or replace function howdah.rebase_stream(v_stream int, v_last bigint, v_seen int8multirange, v_tick_epoch int)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_new constant howdah.epoch := howdah.current_epoch();
  v_first_seq constant bigint := (select e.first_seq from howdah.epoch e where e.no = v_tick_epoch);
  v_left constant int8multirange := int8multirange(int8range(0, 9223372036854775807)) - v_seen;
begin
  insert into howdah.tick (seg, stream, epoch, segs, first, n, lo, hi, at, xids, seen)
  select howdah.current_segment(), v_stream, v_new.no, bit_or(1 << m.seg), v_last + min(m.no), count(*), min(m.seq),
    max(m.seq), howdah.now(), v_left, '{}'
  from (
    select l.seq, l.seg, row_number() over (order by l.seq) as no
    from unnest(v_left) r
      join howdah.log l on l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r)
    where l.seq >= v_first_seq and l.seq < v_new.first_seq
  ) m
  group by (m.no - 1) / 1000;
  return coalesce((select max(t.first + t.n - 1) from howdah.tick t where t.stream = v_stream), v_last);
end
$$;
