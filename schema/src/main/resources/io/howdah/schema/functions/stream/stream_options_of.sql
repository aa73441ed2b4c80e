-- The options of a stream, all of them, as with_stream_options takes them; times as ISO 8601.
create or replace function howdah.stream_options_of(v_stream howdah.stream) returns json
language sql stable
set search_path = pg_catalog, pg_temp
set intervalstyle = 'iso_8601'
as $$
  select json_strip_nulls(json_build_object(
    'retention', v_stream.retention::text,
    'once_window', v_stream.once_window::text,
    'max_payload', v_stream.max_payload,
    'ttl', coalesce(v_stream.ttl::text, 'infinite'),
    'headers', coalesce(v_stream.headers, '{}'),
    'unroutable', v_stream.unroutable,
    'park_in', (
      select coalesce(b.name, p.name)
      from howdah.stream p left join howdah.subscription b on b.return_stream = p.id
      where p.id = v_stream.park_in)))
$$;
