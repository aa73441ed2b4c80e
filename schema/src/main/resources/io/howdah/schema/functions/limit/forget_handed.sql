-- Forgets what was handed out so long ago that no rate counts it; part of housekeep. The newest of these rows stays: it says
-- how much had been handed out by then.
create or replace function howdah.forget_handed(v_now timestamptz) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
  delete from howdah.handed h
  using howdah.subscription s
  where h.sub = s.id
    and (s.rate is null or h.total < (
      select b.total from howdah.handed b
      where b.sub = s.id and b.at < v_now - 2 * s.rate_period
      order by b.at desc
      limit 1));
  delete from howdah.started_late l
  where l.started_at < v_now - 2 * coalesce((select s.rate_period from howdah.subscription s where s.id = l.sub), '0')
$$;
