-- The return stream of a subscription, by which a direct message reaches it and nobody else. Raises HD404 for a name that is
-- neither a stream's nor a subscription's.
create or replace function howdah.direct_stream(v_name text) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_stream text;
begin
  select t.name into v_stream
  from howdah.subscription s join howdah.stream t on t.id = s.return_stream
  where s.name = v_name;
  if not found then
    perform howdah.fail_unknown('stream', v_name);
  end if;
  return v_stream;
end
$$;
