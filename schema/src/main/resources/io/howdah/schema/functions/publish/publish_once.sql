-- Publishes a message unless one with the same deduplication key was published to this stream within the window (that of
-- the stream if none is given, see alter_stream) or, until_done, is not settled yet; returns the id and whether it is a
-- duplicate, then it is the id of the first. The key is `once`, or the message's own `id`, or both. It is publish_many_once
-- that does it, and raises; 22023 also without a key and an id.
create or replace function howdah.publish_once(
  stream text,
  payload json,
  once text default null,
  id uuid default null,
  within interval default null,
  topic text default null,
  key text default null,
  headers json default null,
  delay interval default null,
  due timestamptz default null,
  ttl interval default null,
  until_done boolean default false,
  body bytea default null,
  content_type text default null,
  out message uuid,
  out duplicate boolean
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if num_nonnulls(publish_once.once, publish_once.id) = 0 then
    raise exception using errcode = '22023', message = 'to be published once a message needs a key or an id',
      hint = 'Give once => a text, or id => a UUID.';
  end if;
  select m.message, m.duplicate into strict publish_once.message, publish_once.duplicate
  from howdah.publish_many_once(
    publish_once.stream, array[publish_once.payload::text], array[publish_once.once], array[publish_once.id],
    publish_once.within, publish_once.until_done, array[publish_once.topic], array[publish_once.key],
    array[publish_once.headers::text], array[publish_once.delay],
    case when publish_once.due is not null then array[publish_once.due] end, array[publish_once.ttl],
    case when publish_once.body is not null then array[publish_once.body] end,
    case when publish_once.content_type is not null then array[publish_once.content_type] end) m;
end
$$;
