-- How many messages of each of these keys a claim may take now: as far as their limits are concerned, null for no limit; and,
-- where the rate of a key permits none, when there will be some. v_flight are the keys in flight, each as often as it has
-- messages. Messages without a key (0) are not limited. Exact under the cutting lock.
create or replace function howdah.key_rooms(
  v_sub howdah.subscription,
  v_flight bigint[],
  v_keys bigint[],
  v_now timestamptz
) returns table (key_hash bigint, room bigint, next_at timestamptz)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  select k.key_hash,
    case when k.key_hash <> 0 then
      least(case when v_sub.ordering = 'none' then v_sub.key_concurrency - coalesce(f.n, 0) end, r.room) end,
    r.next_at
  from unnest(v_keys) k (key_hash)
    left join (select u as key_hash, count(*) as n from unnest(v_flight) u group by u) f on f.key_hash = k.key_hash
    left join lateral (
      select p.room, p.next_at
      from howdah.rate_room(v_sub.id, k.key_hash, v_sub.key_rate, v_sub.key_rate_period, v_now) p
      where v_sub.key_rate is not null and k.key_hash <> 0
      offset 0) r on true;
end
$$;
