-- Whether nobody has claimed from a subscription, or renewed or settled what he had, for as long as after which it expires.
-- Never too early: the note of a claim may be an eighth of that time old, and counts that much longer; a lease counts
-- until it ends. The caller holds the subscription's lock.
create or replace function howdah.is_inactive(v_sub howdah.subscription) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_used timestamptz := (select a.at + v_sub.expires_after / 8 from howdah.activity a where a.sub = v_sub.id);
begin
  if v_used + v_sub.expires_after >= howdah.now() then
    return false;
  end if;
  v_used := greatest(v_used,
    (select max(o.deadline) from howdah.open_slices(howdah.newest_slice(v_sub.id)) o where o.token <> 0),
    (select max(c.at) from (select c.at from howdah.closed c where c.sub = v_sub.id order by c.no desc limit 1000) c));
  return v_used + v_sub.expires_after < howdah.now();
end
$$;
