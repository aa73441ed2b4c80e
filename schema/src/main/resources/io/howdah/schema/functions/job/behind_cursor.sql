-- What a subscription would read of a stream after position v_at, as it would be parked, as far as it has positions.
create or replace function howdah.behind_cursor(v_sub howdah.subscription, v_src int, v_at bigint)
returns setof howdah.parked
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_end constant bigint := howdah.last_position(v_src);
  v_window record;
begin
  while v_at < v_end loop
    v_window := howdah.read_window(v_sub, v_src, v_at, v_end, 2000);
    v_at := v_window.last;
    return query select m.* from unnest(v_window.messages) m;
  end loop;
end
$$;
