-- The last position that a stream has given; 0 if none.
create or replace function howdah.last_position(v_stream int) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tick constant howdah.tick := howdah.newest_tick(v_stream);
begin
  return v_tick.first + v_tick.n - 1;
end
$$;
