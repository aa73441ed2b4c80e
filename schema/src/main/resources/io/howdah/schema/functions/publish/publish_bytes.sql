-- Publishes one message of bytes, which are of a content type such as image/png, in the caller's transaction and returns its
-- id. Deliveries have them as body and content_type, byte for byte; their payload is null. See publish_many, which does it.
create or replace function howdah.publish_bytes(
  stream text,
  body bytea,
  content_type text,
  topic text default null,
  key text default null,
  headers json default null,
  delay interval default null,
  due timestamptz default null,
  ttl interval default null
) returns uuid
language sql volatile
as $$
  select (howdah.publish_many(
    publish_bytes.stream,
    array[null::text],
    case when publish_bytes.topic is not null then array[publish_bytes.topic] end,
    case when publish_bytes.key is not null then array[publish_bytes.key] end,
    case when publish_bytes.headers is not null then array[publish_bytes.headers::text] end,
    case when publish_bytes.delay is not null then array[publish_bytes.delay] end,
    case when publish_bytes.due is not null then array[publish_bytes.due] end,
    case when publish_bytes.ttl is not null then array[publish_bytes.ttl] end,
    array[publish_bytes.body],
    array[publish_bytes.content_type]))[1]
$$;
