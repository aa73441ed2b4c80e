-- Tells a claimer who got nothing that keys wait for their limits (see tell_limit): until when the first of those does that
-- wait for their rate; and, without a time, that others wait for what is in flight.
create or replace function howdah.tell_keys(v_sub howdah.subscription, v_now timestamptz) returns void
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
  v_next timestamptz;
begin
  if v_sub.key_rate is not null then
    select l.since into v_next
    from howdah.lane l
    where l.sub = v_sub.id and l.since > v_now
    order by l.since
    limit 1;
    if found then
      perform howdah.tell_limit(v_sub, 'key_rate', v_next);
    end if;
  end if;
  if v_sub.key_concurrency is not null
      and exists (select from howdah.lane l where l.sub = v_sub.id and l.since <= v_now) then
    perform howdah.tell_limit(v_sub, 'key_concurrency', null);
  end if;
end
$$;
