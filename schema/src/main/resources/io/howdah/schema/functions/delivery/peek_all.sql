-- peek() of all queues and subscriptions: up to `quantity` messages of each. Raises 22023, 0A000.
create or replace function howdah.peek_all(quantity int default 10, in_flight boolean default false)
returns table (
  subscription text,
  "position" bigint,
  id uuid,
  topic text,
  key text,
  headers json,
  payload json,
  body bytea,
  content_type text,
  published_at timestamptz,
  attempt int
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select s.name, p.position, p.id, p.topic, p.key, p.headers, p.payload, p.body, p.content_type, p.published_at, p.attempt
  from howdah.subscription s
    cross join lateral howdah.peek(s.name, peek_all.quantity, peek_all.in_flight) with ordinality
      p (token, position, id, topic, key, headers, payload, body, content_type, published_at, attempt, o)
  order by s.name, p.o;
end
$$;
