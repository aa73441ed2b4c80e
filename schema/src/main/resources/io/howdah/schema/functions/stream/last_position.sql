-- The last position that a stream has given; 0 if none.
create or replace function howdah.last_position(v_stream int) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  return coalesce(
    (select t.first + t.n - 1 from howdah.tick t where t.stream = v_stream order by t.first desc limit 1), 0);
end
$$;
