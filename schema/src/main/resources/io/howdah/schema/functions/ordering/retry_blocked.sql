-- Has the first message of a blocked key tried at once, also one that was parked, and wakes the consumers; its attempts
-- count on. Of a strict subscription the key is not asked for. Raises HD404, HD409, 0A000 (see lock_blocked).
create or replace function howdah.retry_blocked(subscription text, key text default null) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_blocked constant howdah.blocked := howdah.lock_blocked(retry_blocked.subscription, retry_blocked.key, 'retry_blocked');
begin
  update howdah.blocked b
  set due = howdah.now()
  where b.sub = v_blocked.sub and b.key_hash = v_blocked.key_hash;
  perform howdah.wake(retry_blocked.subscription);
end
$$;
