-- Parks all that a scope of jobs would read of a stream after position v_at; returns where it has come to. The caller
-- holds the cutting lock and moves the cursor.
create or replace function howdah.park_all(v_sub howdah.subscription, v_src int, v_at bigint) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_from bigint;
begin
  loop
    v_from := v_at;
    v_at := (howdah.look_ahead(v_sub, v_src, '{}', '{}', 1, v_from)).v_at;
    exit when v_at = v_from;
  end loop;
  return v_at;
end
$$;
