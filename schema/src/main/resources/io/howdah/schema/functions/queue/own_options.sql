-- The options among those of a queue that its stream has (v_stream), or that its subscription has.
create or replace function howdah.own_options(v_options json, v_stream boolean) returns json
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_options is null or json_typeof(v_options) <> 'object' then
    return case when not v_stream then v_options end;
  end if;
  return (
    select coalesce(json_object_agg(o.key, o.value), '{}')
    from json_each(v_options) o
    where (o.key = any (howdah.stream_option_names())) = v_stream);
end
$$;
