-- Publishes one message in the caller's transaction and returns its id: see publish_many, which does it.
create or replace function howdah.publish(
  stream text,
  payload json,
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
    publish.stream,
    array[publish.payload::text],
    case when publish.topic is not null then array[publish.topic] end,
    case when publish.key is not null then array[publish.key] end,
    case when publish.headers is not null then array[publish.headers::text] end,
    case when publish.delay is not null then array[publish.delay] end,
    case when publish.due is not null then array[publish.due] end,
    case when publish.ttl is not null then array[publish.ttl] end))[1]
$$;
