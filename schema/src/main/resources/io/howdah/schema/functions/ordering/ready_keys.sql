-- The keys of a keyed subscription of which a parked message may be handed out now, in the order of their turns, at
-- most v_most: those that are not in v_busy (see busy_keys), and do not wait for a retry, or for the rate of their key.
-- Those that wait for that are not even looked at; only if the clock was set back far they do not wait any more. All looks
-- go along an index and stop, so they cost what is due or in flight, however many keys wait.
create or replace function howdah.ready_keys(v_sub howdah.subscription, v_busy bigint[], v_now timestamptz, v_most int)
returns bigint[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_far constant timestamptz := v_now + case when v_sub.key_rate is null then '0' else 2 * v_sub.key_rate_period end;
begin
  return array(
    select k.key_hash
    from (
      (
        select b.key_hash, b.due as since
        from howdah.blocked b
        where b.sub = v_sub.id and b.due <= v_now and b.key_hash not in (select unnest(v_busy))
        order by b.due
        limit v_most
      )
      union all
      (
        select l.key_hash, l.since
        from howdah.lane l
        where l.sub = v_sub.id and l.since <= v_now and l.key_hash not in (select unnest(v_busy))
          and not exists (select from howdah.blocked b where b.sub = l.sub and b.key_hash = l.key_hash offset 0)
        order by l.since
        limit v_most
      )
      union all
      (
        select l.key_hash, l.since
        from howdah.lane l
        where l.sub = v_sub.id and l.since > v_far and l.key_hash not in (select unnest(v_busy))
          and not exists (select from howdah.blocked b where b.sub = l.sub and b.key_hash = l.key_hash offset 0)
        order by l.since
        limit v_most
      )
    ) k
    order by k.since
    limit v_most);
end
$$;
