-- Whether a claim of a keyed subscription would find a parked message to hand out, or the lane of a key that has become
-- blocked meanwhile, which it takes out of the way (see unpark). Locks and writes nothing.
create or replace function howdah.has_parked(v_sub howdah.subscription, v_head howdah.slice, v_now timestamptz) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
  v_busy bigint[];
begin
  if exists (select from howdah.lane l where l.sub = v_sub.id)
      or exists (select from howdah.blocked b where b.sub = v_sub.id and b.due <= v_now) then
    v_busy := howdah.busy_keys(v_sub, howdah.keys_in_flight(v_sub, v_head));
    if exists (
      select from howdah.lane l
      where l.sub = v_sub.id and l.since <= v_now and l.key_hash not in (select unnest(v_busy)))
    then
      return true;
    end if;
    return cardinality(howdah.ready_keys(v_sub, v_busy, v_now, 1)) > 0;
  end if;
  return false;
end
$$;
