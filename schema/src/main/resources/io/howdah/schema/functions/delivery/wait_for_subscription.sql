-- Waits for the cutting lock of a subscription for at most a second; false, with a notice HD503, if that was not enough.
create or replace function howdah.wait_for_subscription(v_sub int) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  perform from howdah.subscription s where s.id = v_sub for no key update;
  return found;
exception
  when lock_not_available or deadlock_detected then
    raise notice using errcode = 'HD503', message = format('subscription %s is being claimed by another session', v_sub),
      hint = 'A claim should be a transaction of its own: look for a session that is idle in transaction.';
    return false;
end
$$;
