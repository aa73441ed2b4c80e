-- Forgets what was handed out so long ago that no rate counts it; part of housekeep. What is forgotten was before the oldest
-- row that is left, which says how much it has added itself.
create or replace function howdah.forget_handed(v_now timestamptz) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
  with paced as materialized (
    select s.id, coalesce(least(r.whole, r.key), '0') as shortest, coalesce(r.whole, r.key, '0') as whole,
      coalesce(r.key, r.whole, '0') as key
    from howdah.subscription s
      cross join lateral (
        select case when s.rate is not null then 2 * s.rate_period end as whole,
          case when s.key_rate is not null then 2 * s.key_rate_period end as key) r
  ), late as (
    delete from howdah.started_late l
    using paced p
    where l.sub = p.id and l.started_at < v_now - case when l.key_hash = 0 then p.whole else p.key end
  )
  delete from howdah.handed h
  using paced p
  where h.sub = p.id and h.at < v_now - p.shortest and h.at < v_now - case when h.key_hash = 0 then p.whole else p.key end
$$;
