-- What a limited subscription permits to hand out now: `slots` messages by its concurrency, `rated` by its rate (neither
-- above 2147483647; below 1 means none), when the rate permits more; whether leases have lapsed; and, where one consumer at a
-- time is active and it is not v_owner, which one that is.
--
-- A message is in flight until it is settled or handed out again: a lapsed lease may still be renewed, so it counts. Both
-- only grow under the cutting lock, so under it this is exact, and without it a guess. v_head is the newest slice.
create or replace function howdah.permit(
  v_sub howdah.subscription,
  v_head howdah.slice,
  v_owner text,
  out slots bigint,
  out rated bigint,
  out next_at timestamptz,
  out lapsed boolean,
  out active text
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := howdah.now();
  v_rate record;
begin
  slots := 2147483647;
  rated := slots;
  lapsed := false;
  if v_sub.rate is not null then
    select r.* into v_rate from howdah.rate_room(v_sub.id, 0, v_sub.rate, v_sub.rate_period, v_now) r;
    rated := v_rate.room;
    next_at := v_rate.next_at;
  end if;
  if v_sub.concurrency is not null or v_sub.single_active then
    select coalesce(v_sub.concurrency, slots) - coalesce(sum(o.n), 0), coalesce(bool_or(o.deadline < v_now), false),
      min(coalesce(o.owner, 'somebody without a name'))
        filter (where v_sub.single_active and o.deadline >= v_now and o.owner is distinct from v_owner)
    into slots, lapsed, active
    from howdah.open_slices(v_head) o
    where o.token <> 0;
  end if;
end
$$;
