-- Creates a stream, which keeps its messages for `retention` (null: as configured) even when everybody has read them, and
-- returns its id; an existing stream of that name stays as it is; alter_stream changes it. Raises 22023 for a bad name,
-- retention or options, HD404 for a queue to park in that does not exist, HD409 if the name is a queue's, or the stream exists
-- with another value of an option, or of the retention, that is given.
create or replace function howdah.create_stream(
  name text,
  retention interval default null,
  options json default null
) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if create_stream.retention not between '0' and '10 years' then
    raise exception using errcode = '22023', message = 'retention must be between 0 and 10 years',
      hint = 'Unread messages of a subscription are kept in any case.';
  end if;
  return howdah.add_stream(create_stream.name, 'stream',
    howdah.setting_of('stream_retention')::interval, case when create_stream.retention is null then create_stream.options
      else (jsonb_build_object('retention', create_stream.retention::text)
        || coalesce(create_stream.options, '{}')::jsonb)::json end);
end
$$;
