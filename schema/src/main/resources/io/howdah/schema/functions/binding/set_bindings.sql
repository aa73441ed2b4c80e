-- Replaces all bindings of a subscription: an empty array takes nothing, null takes everything, as without bindings; false
-- if nothing changes. Raises HD404, 22023, 0A000.
create or replace function howdah.set_bindings(subscription text, patterns text[]) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return howdah.change_bindings(howdah.lock_subscription(set_bindings.subscription, 'set_bindings'), set_bindings.patterns);
end
$$;
