-- The id of a stream or queue; of the return stream for a subscription, such as a bound queue, whose messages are direct
-- ones. Raises HD404.
create or replace function howdah.stream_id(v_name text) returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id int;
begin
  select s.id into v_id from howdah.stream s where s.name = v_name and s.kind <> 'return';
  if not found then
    select s.id into strict v_id from howdah.stream s where s.name = howdah.direct_stream(v_name);
  end if;
  return v_id;
end
$$;
