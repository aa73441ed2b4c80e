-- Ends a pause, and wakes the consumers; false if there was none. Raises HD404, 0A000.
create or replace function howdah.resume(subscription text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub constant howdah.subscription := howdah.lock_subscription(resume.subscription, 'resume');
begin
  update howdah.subscription s set paused = false where s.id = v_sub.id and s.paused;
  if not found then
    return false;
  end if;
  perform howdah.wake(v_sub.name);
  return true;
end
$$;
