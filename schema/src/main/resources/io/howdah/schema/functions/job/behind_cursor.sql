-- What a subscription would read of a stream after position v_at, as it would be parked, with what was committed by now.
-- Changes nothing but that it may give positions.
create or replace function howdah.behind_cursor(v_sub howdah.subscription, v_src int, v_at bigint)
returns setof howdah.parked
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_end bigint;
  v_window record;
begin
  perform howdah.sequence_stream(v_src);
  v_end := howdah.last_position(v_src);
  while v_at < v_end loop
    v_window := howdah.read_window(v_sub, v_src, v_at, v_end, 2000);
    v_at := v_window.last;
    return query select m.* from unnest(v_window.messages) m;
  end loop;
end
$$;
