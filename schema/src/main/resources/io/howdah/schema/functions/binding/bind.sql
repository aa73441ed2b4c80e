-- Adds a pattern to the bindings of a subscription; false if it has it. The first one makes a subscription that took
-- everything take only what matches. Counts for what is committed after this transaction: see change_bindings.
-- Raises HD404, 22023, 0A000.
create or replace function howdah.bind(subscription text, pattern text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
begin
  perform howdah.check_pattern(bind.pattern);
  v_sub := howdah.lock_subscription(bind.subscription, 'bind');
  return howdah.change_bindings(v_sub, howdah.current_bindings(v_sub.id) || bind.pattern);
end
$$;
