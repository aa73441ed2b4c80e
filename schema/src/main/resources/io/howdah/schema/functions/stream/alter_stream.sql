-- Changes options of a stream, also of a queue's own one; those that are not named stay as they are. Holds for what is
-- published by statements that begin after this has committed. Waits for a claim that gives positions, and publishers do
-- not wait for it. Raises HD404, 22023 (see with_stream_options).
create or replace function howdah.alter_stream(name text, options json) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream howdah.stream;
begin
  if alter_stream.options is null then
    raise exception using errcode = '22023', message = 'options must be a JSON object but was null',
      hint = 'Name what is to change, for example {"ttl": "1 hour"}.';
  end if;
  select s.* into v_stream from howdah.stream s
  where s.name = alter_stream.name and s.kind <> 'return' for no key update;
  if not found then
    perform howdah.fail_unknown('stream', alter_stream.name);
  end if;
  v_stream := howdah.with_stream_options(v_stream, alter_stream.options);
  update howdah.stream s
  set retention = v_stream.retention, once_window = v_stream.once_window, max_payload = v_stream.max_payload,
    ttl = v_stream.ttl, headers = v_stream.headers, unroutable = v_stream.unroutable, park_in = v_stream.park_in
  where s.id = v_stream.id;
end
$$;
