-- The subscriptions that have expired in the last 30 days, the newest first: after which time without use, and how many
-- messages they held, dead letters included.
create or replace function howdah.expired_subscriptions()
returns table (subscription text, stream text, expires_after interval, expired_at timestamptz, lost bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select e.name, e.stream, e.expires_after, e.at, e.lost from howdah.expired e order by e.no desc
$$;
