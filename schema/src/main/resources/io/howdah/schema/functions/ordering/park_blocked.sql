-- Leaves a blocked key blocked until somebody retries, skips or rejects its first message. Raises HD404, HD409, 0A000 (see
-- lock_blocked).
create or replace function howdah.park_blocked(subscription text, key text default null) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_blocked constant howdah.blocked := howdah.lock_blocked(park_blocked.subscription, park_blocked.key, 'park_blocked');
begin
  update howdah.blocked b
  set due = 'infinity'
  where b.sub = v_blocked.sub and b.key_hash = v_blocked.key_hash;
end
$$;
