-- A subscription, with its cutting lock held until the end of the transaction. Raises HD404, and 0A000 outside of READ
-- COMMITTED for `v_what`.
create or replace function howdah.lock_subscription(v_name text, v_what text) returns howdah.subscription
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
begin
  perform howdah.require_read_committed(v_what);
  select s.* into v_sub from howdah.subscription s where s.name = v_name for no key update;
  if not found then
    perform howdah.fail_unknown('subscription', v_name);
  end if;
  return v_sub;
end
$$;
