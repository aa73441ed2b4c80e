-- Whether a claim of a keyed subscription would find a parked message to hand out. Locks and writes nothing.
create or replace function howdah.has_parked(v_sub howdah.subscription, v_head howdah.slice, v_now timestamptz) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
begin
  if exists (select from howdah.lane l where l.sub = v_sub.id)
      or exists (select from howdah.blocked b where b.sub = v_sub.id and b.due <= v_now) then
    return cardinality(howdah.ready_keys(v_sub, howdah.busy_keys(v_sub, howdah.keys_in_flight(v_sub, v_head)), v_now,
      1)) > 0;
  end if;
  return false;
end
$$;
