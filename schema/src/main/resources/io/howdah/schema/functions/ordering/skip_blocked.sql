-- Gives up the first message of a blocked key, counted as discarded; the next one of the key has its turn, and consumers
-- are woken. Raises HD404, HD409, 0A000 (see lock_blocked).
create or replace function howdah.skip_blocked(subscription text, key text default null) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_blocked constant howdah.blocked := howdah.lock_blocked(skip_blocked.subscription, skip_blocked.key, 'skip_blocked');
begin
  insert into howdah.tally (sub, what, n) values (v_blocked.sub, 'discarded', 1);
  perform howdah.free_blocked(v_blocked);
  perform howdah.wake(skip_blocked.subscription);
end
$$;
