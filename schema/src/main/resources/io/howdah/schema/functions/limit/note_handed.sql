-- Writes down what has just been handed out, so that rates count it: one row for each key in v_keys, which names a key as
-- often as it has messages (0: the whole subscription). A key is written once in a claim. The time is that of the row before
-- if the clock was set back a little; if it was set back far, what lies in the future is forgotten. The caller holds the
-- cutting lock.
create or replace function howdah.note_handed(v_sub int, v_period interval, v_keys bigint[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_now constant timestamptz := howdah.now();
begin
  delete from howdah.handed h
  using (select distinct k from unnest(v_keys) k) k
  where h.sub = v_sub and h.key_hash = k.k and h.at > v_now + 2 * v_period;
  insert into howdah.handed (sub, key_hash, total, n, at)
  select v_sub, k.key_hash, coalesce(l.total, 0) + k.n, k.n, greatest(v_now, l.at)
  from (select u as key_hash, count(*) as n from unnest(v_keys) u group by u) k
    left join lateral (
      select h.total, h.at from howdah.handed h
      where h.sub = v_sub and h.key_hash = k.key_hash
      order by h.total desc
      limit 1) l on true;
end
$$;
