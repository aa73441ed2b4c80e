-- Removes a pattern from the bindings of a subscription; false if it does not have it. Without the last one it takes
-- nothing any more. What has been committed and matched stays. Raises HD404, 22023, 0A000.
create or replace function howdah.unbind(subscription text, pattern text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
begin
  perform howdah.check_pattern(unbind.pattern);
  v_sub := howdah.lock_subscription(unbind.subscription, 'unbind');
  return howdah.change_bindings(v_sub, array_remove(howdah.current_bindings(v_sub.id), unbind.pattern));
end
$$;
