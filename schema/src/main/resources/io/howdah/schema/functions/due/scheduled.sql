-- The messages that wait for their time, the next one first: delays of a stream or queue, and retries of its
-- subscriptions (these have a subscription, an attempt, a reason and the last error). With `message` only the one of that id.
-- Raises HD404, 22023.
create or replace function howdah.scheduled(stream text, message uuid default null, quantity int default 100)
returns table (
  id uuid,
  subscription text,
  due timestamptz,
  attempt int,
  topic text,
  key text,
  headers json,
  payload json,
  published_at timestamptz,
  reason text,
  body bytea,
  content_type text,
  error text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_stream int;
begin
  if quantity is null or quantity not between 1 and 10000 then
    raise exception using errcode = '22023',
      message = format('quantity must be between 1 and 10000 but was %s', coalesce(quantity::text, 'null')),
      hint = 'It is how many scheduled messages are listed, the next one first.';
  end if;
  v_stream := howdah.stream_id(scheduled.stream);
  return query
  select d.id, s.subscription, d.due, d.attempt::int, d.topic, d.key, d.headers, d.payload, d.published_at, d.reason,
    d.body, d.content_type, d.error
  from (
    select v_stream as stream, null::text as subscription
    union all
    select b.return_stream, b.name from howdah.subscription b where b.stream = v_stream
  ) s
    cross join lateral (
      select * from howdah.due d
      where d.stream = s.stream and d.recurring is null and (scheduled.message is null or d.id = scheduled.message)
      order by d.due
      limit quantity
    ) d
  order by d.due, d.no
  limit quantity;
end
$$;
