-- When the next lease of a subscription lapses; null if nothing is in flight. Raises HD404.
create or replace function howdah.next_lapse(subscription text) returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_sub int;
begin
  select s.id into v_sub from howdah.subscription s where s.name = next_lapse.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', next_lapse.subscription);
  end if;
  return (
    select min(o.deadline)
    from (select s.* from howdah.slice s where s.sub = v_sub order by s.no desc limit 1) head
      cross join lateral howdah.open_slices(head) o);
end
$$;
