-- When a subscription's rate permits the next delivery, or, for a key, when the rate of keys permits the next one of that
-- key, if it is later; null if it does now, or has no rate. Raises HD404.
create or replace function howdah.next_permit(subscription text, key text default null) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
  v_now constant timestamptz := howdah.now();
begin
  select s.* into v_sub from howdah.subscription s where s.name = next_permit.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', next_permit.subscription);
  end if;
  return greatest(
    (select r.next_at from howdah.rate_room(v_sub.id, 0, v_sub.rate, v_sub.rate_period, v_now) r
      where v_sub.rate is not null),
    (select r.next_at
      from howdah.key_rooms(v_sub, '{}', array[howdah.key_hash(v_sub.ordering, next_permit.key, 0)], v_now) r
      where next_permit.key is not null));
end
$$;
