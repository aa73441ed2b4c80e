-- The newest slice of a subscription, which says where its cursors stand. Every subscription has one: none is an error
-- (P0002), never a start. Looks at the current segment first, as newest_tick does.
create or replace function howdah.newest_slice(v_sub int) returns howdah.slice
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_seg constant smallint := howdah.current_segment();
  v_slice howdah.slice;
begin
  select s.* into v_slice from howdah.slice s where s.seg = v_seg and s.sub = v_sub order by s.no desc limit 1;
  if not found then
    select s.* into strict v_slice from howdah.slice s where s.sub = v_sub order by s.no desc limit 1;
  end if;
  return v_slice;
end
$$;
