-- Whether a claim would find anything: positions after the cursor, messages without a position, something due, a slice
-- whose lease has lapsed or that nobody owns. Locks nothing and takes no transaction id, except that it moves what is
-- due into the log.
create or replace function howdah.has_work(v_sub howdah.subscription) returns boolean
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
  v_now constant timestamptz := howdah.now();
  v_head howdah.slice;
  v_epoch howdah.epoch;
  v_finished int8multirange;
begin
  if howdah.is_due() then
    perform howdah.promote();
  end if;
  select s.* into strict v_head from howdah.slice s where s.sub = v_sub.id order by s.no desc limit 1;
  select e.* into strict v_epoch from howdah.epoch e order by e.no desc limit 1;
  if v_epoch.birth <> (select b.id from howdah.birth b) then
    return true;
  end if;
  select howdah.finished(pg_current_snapshot()) into v_finished;
  return howdah.has_more(v_sub.stream, v_head.source_at, v_epoch, v_finished)
    or howdah.has_more(v_sub.return_stream, v_head.return_at, v_epoch, v_finished)
    or exists (select from howdah.free_slices(v_head, v_now));
end
$$;
