-- When a subscription's rate permits the next delivery; null if it does now, or has no rate. Raises HD404.
create or replace function howdah.next_permit(subscription text) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
begin
  select s.* into v_sub from howdah.subscription s where s.name = next_permit.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', next_permit.subscription);
  end if;
  return (select r.next_at from howdah.rate_room(v_sub, howdah.now()) r where v_sub.rate is not null);
end
$$;
