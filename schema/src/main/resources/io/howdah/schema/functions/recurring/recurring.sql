-- What is published again and again, all or one: when it comes next (null while it is paused), how often and when it was
-- published last, why the last time failed, if it did, and how many tries have failed.
create or replace function howdah.recurring(name text default null)
returns table (
  recurring text,
  stream text,
  cron text,
  zone text,
  missed text,
  next timestamptz,
  fired bigint,
  fired_at timestamptz,
  topic text,
  key text,
  headers json,
  payload json,
  error text,
  failed bigint
)
language sql stable
as $$
  select r.name, s.name, r.cron, r.zone, r.missed, d.due, r.fired, r.fired_at, r.topic, r.key, r.headers, r.payload, r.error,
    r.failed
  from howdah.recurring r
    join howdah.stream s on s.id = r.stream
    left join howdah.due d on d.recurring = r.id
  where recurring.name is null or r.name = recurring.name
  order by r.name
$$;
