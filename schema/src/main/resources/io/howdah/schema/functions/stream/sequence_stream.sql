-- What sequence() does, by the stream's id; returns the newest tick, or a row of nulls where sequence() returns null.
-- Usual case: the window holds at most 2,000 messages, and the tick is one count over the index, which the reader sorts.
-- Larger windows are cut into ticks: by cut_plain_window, which is fast, as long as they are not very large and hold no
-- large transaction, else by cut_window.
create or replace function howdah.sequence_stream(v_stream int) returns howdah.tick
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_epoch howdah.epoch;
  v_tick howdah.tick;
  v_last bigint;
  v_seen int8multirange;
  v_finished int8multirange;
  v_window int8multirange;
  v_n int;
  v_lo bigint;
  v_hi bigint;
  v_segs int;
  v_oldest bigint;
  v_newest bigint;
begin
  perform from howdah.stream s where s.id = v_stream for no key update skip locked;
  if not found and not howdah.wait_for_stream(v_stream) then
    return null;
  end if;
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;

  v_tick := howdah.newest_tick(v_stream);
  v_last := v_tick.first + v_tick.n - 1;
  v_seen := v_tick.seen;
  v_epoch := howdah.current_epoch();
  if v_tick.epoch < v_epoch.no and howdah.is_restored(v_tick.epoch, v_epoch) then
    v_last := howdah.rebase_stream(v_tick, v_epoch);
    v_seen := '{}';
  end if;

  select howdah.finished(pg_current_snapshot()) into v_finished;
  v_window := v_finished - v_seen;
  select count(*), min(w.seq), max(w.seq), bit_or(1 << w.seg), min(w.xid), max(w.xid)
  into v_n, v_lo, v_hi, v_segs, v_oldest, v_newest
  from (
    select l.xid, l.seq, l.seg
    from unnest(v_window) r
      cross join lateral (
        select * from howdah.log l
        where l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq >= v_epoch.first_seq
        offset 0
      ) l
    limit 2001
  ) w;

  if v_n = 0 then
    return howdah.newest_tick(v_stream);
  elsif v_n > 2000 then
    if not howdah.cut_plain_window(v_stream, v_epoch, v_last, v_window, v_finished) then
      perform howdah.cut_window(v_stream, v_epoch, v_last, v_window, v_finished);
    end if;
    return howdah.newest_tick(v_stream);
  end if;
  insert into howdah.tick (seg, stream, epoch, segs, first, n, lo, hi, at, xids, seen)
  values (howdah.current_segment(), v_stream, v_epoch.no, v_segs, v_last + 1, v_n, v_lo, v_hi, howdah.now(),
    v_window * int8multirange(int8range(v_oldest, v_newest, '[]')), v_finished)
  returning * into v_tick;
  return v_tick;
end
$$;
