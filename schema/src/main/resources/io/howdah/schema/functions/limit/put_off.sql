-- Lets those of these keys whose rate has no room now wait until it has: until then they have no turn, and no claim looks
-- at them. Keys that wait already are left alone. The caller holds the cutting lock, and has noted what it handed out.
create or replace function howdah.put_off(v_sub howdah.subscription, v_keys bigint[], v_now timestamptz) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_far constant timestamptz := v_now + 2 * v_sub.key_rate_period;
  v_key record;
begin
  if v_sub.key_rate is null then
    return;
  end if;
  v_keys := array(
    select distinct k from unnest(v_keys) k
    where exists (
        select from howdah.lane l
        where l.sub = v_sub.id and l.key_hash = k and (l.since <= v_now or l.since > v_far) offset 0)
      or exists (select from howdah.blocked b where b.sub = v_sub.id and b.key_hash = k and b.due <= v_now offset 0));
  for v_key in
    select r.key_hash, greatest(r.next_at, v_now + interval '1 ms') as next_at
    from howdah.key_rooms(v_sub, '{}', v_keys, v_now) r
    where r.next_at is not null
  loop
    update howdah.lane l set since = v_key.next_at where l.sub = v_sub.id and l.key_hash = v_key.key_hash;
    update howdah.blocked b
    set due = v_key.next_at
    where b.sub = v_sub.id and b.key_hash = v_key.key_hash and b.due < v_key.next_at;
  end loop;
end
$$;
