-- Takes the first message of a blocked key away, so that the next one of the key has its turn. The caller holds the
-- cutting lock (see lock_blocked) and knows where the message goes.
create or replace function howdah.free_blocked(v_blocked howdah.blocked) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from howdah.parked p
  where p.sub = v_blocked.sub and p.key_hash = v_blocked.key_hash and p.src = v_blocked.src
    and p.position = v_blocked.position;
  update howdah.blocked b
  set due = howdah.now()
  where b.sub = v_blocked.sub and b.key_hash = v_blocked.key_hash;
end
$$;
