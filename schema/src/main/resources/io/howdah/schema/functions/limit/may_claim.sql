-- look() for what limits say: 'any' (a claim may take what there is), 'free' (only what has lapsed, which is in flight
-- already), or null (nothing, with a notice HD429, see tell_limit). Locks and writes nothing, so consumers that wait do not
-- disturb. Raises 22023 for a claim without an owner where one consumer at a time is active.
create or replace function howdah.may_claim(v_sub howdah.subscription, v_head howdah.slice, v_owner text) returns text
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
  v_permit record;
begin
  if v_sub.single_active and v_owner is null then
    raise exception using errcode = '22023',
      message = format('a claim of "%s" needs an owner: one consumer at a time is active there', v_sub.name),
      hint = 'Give owner => a name that no other consumer has, such as a host and a process id.';
  end if;
  select p.* into v_permit from howdah.permit(v_sub, v_head, v_owner) p;
  if v_permit.active is null and v_permit.rated > 0 and (v_permit.slots > 0 or v_permit.lapsed) then
    return case when v_permit.slots > 0 then 'any' else 'free' end;
  end if;
  if v_permit.active is not null then
    perform howdah.tell_limit(v_sub, 'single_active', null, v_permit.active);
  elsif v_permit.slots < 1 then
    perform howdah.tell_limit(v_sub, 'concurrency', null);
  else
    perform howdah.tell_limit(v_sub, 'rate', v_permit.next_at);
  end if;
  return null;
end
$$;
