-- Makes the consumers that sleep on a queue or subscription look now; false if nobody sleeps there. A NOTIFY, which goes out
-- with the caller's commit, so not for a transaction that is to be prepared. Raises HD404.
create or replace function howdah.wake(subscription text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub int;
begin
  select s.id into v_sub from howdah.subscription s where s.name = wake.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', wake.subscription);
  end if;
  if not exists (select from howdah.sleeper l where l.sub = v_sub and l.until > howdah.now()) then
    return false;
  end if;
  perform pg_notify('howdah', v_sub::text);
  return true;
end
$$;
