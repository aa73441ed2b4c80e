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
  v_head howdah.slice;
  v_now constant timestamptz := howdah.now();
begin
  if howdah.is_due() then
    perform howdah.promote();
  end if;
  select s.* into strict v_head from howdah.slice s where s.sub = v_sub.id order by s.no desc limit 1;
  return howdah.last_position(v_sub.stream) > v_head.source_at
    or howdah.last_position(v_sub.return_stream) > v_head.return_at
    or (howdah.unsequenced(v_sub.stream, 1)).n > 0
    or (howdah.unsequenced(v_sub.return_stream, 1)).n > 0
    or exists (select from howdah.free_slices(v_head, v_now));
end
$$;
