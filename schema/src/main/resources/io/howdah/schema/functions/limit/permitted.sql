-- How many of v_quantity messages a claim of a limited subscription may cut. The caller holds the cutting lock, under which
-- this is exact; v_head is the newest slice.
create or replace function howdah.permitted(
  v_sub howdah.subscription,
  v_head howdah.slice,
  v_owner text,
  v_quantity int
) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select greatest(least(v_quantity, p.slots, p.rated), 0) from howdah.permit(v_sub, v_head, v_owner) p);
end
$$;
