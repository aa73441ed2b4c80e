-- The newest slice of a subscription with a snapshot of its own, for newest_slice, which has the ring children locked: none
-- is emptied any more. Raises P0002 if there is none.
create or replace function howdah.newest_slice_now(v_sub int) returns howdah.slice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_slice howdah.slice;
begin
  select s.* into strict v_slice from howdah.slice s where s.sub = v_sub order by s.no desc limit 1;
  return v_slice;
end
$$;
