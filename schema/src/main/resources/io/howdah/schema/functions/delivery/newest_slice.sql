-- The newest slice of a subscription, which says where its cursors stand. Every subscription has one: none is an error
-- (P0002), never a start. Looks at the current segment first, as newest_tick does. Nothing anywhere means that its segment
-- was emptied while this waited to read it, and its copy is too young for the caller's snapshot: newest_slice_now sees it.
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
    select s.* into v_slice from howdah.slice s where s.sub = v_sub order by s.no desc limit 1;
    if not found then
      v_slice := howdah.newest_slice_now(v_sub);
    end if;
  end if;
  return v_slice;
end
$$;
