-- The ring children in which the slices of a subscription from v_head.floor on lie; v_head is its newest slice. Numbers
-- are drawn under the cutting lock, so they follow the segments: where the first one lies beside the newest, all do.
create or replace function howdah.floor_span(v_head howdah.slice, out low smallint, out high smallint)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
  if exists (
    select from howdah.slice s where s.seg = v_head.seg and s.sub = v_head.sub and s.no = v_head.floor)
  then
    low := v_head.seg;
    high := v_head.seg;
  else
    low := 0;
    high := 7;
  end if;
end
$$;
