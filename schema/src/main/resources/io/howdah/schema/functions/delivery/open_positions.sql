-- The positions of a slice that are not settled yet, in order.
create or replace function howdah.open_positions(v_slice howdah.slice) returns bigint[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settled constant bigint[] := array(
    select unnest(p.positions) from howdah.part p
    where p.seg = v_slice.seg and p.sub = v_slice.sub and p.no = v_slice.no);
begin
  return array(
    select p
    from unnest(coalesce(v_slice.positions, array(select generate_series(v_slice.from_pos, v_slice.to_pos)))) p
    where p not in (select unnest(v_settled))
    order by p);
end
$$;
