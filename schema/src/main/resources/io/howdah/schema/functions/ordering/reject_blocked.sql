-- Makes the first message of a blocked key a dead letter; the next one of the key has its turn, and consumers are woken.
-- Raises HD404, HD409, 0A000 (see lock_blocked).
create or replace function howdah.reject_blocked(subscription text, key text default null, reason text default 'rejected')
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_blocked constant howdah.blocked := howdah.lock_blocked(reject_blocked.subscription, reject_blocked.key, 'reject_blocked');
begin
  insert into howdah.dead_letter (sub, position, attempts, reason, error, first_failed_at, failed_at, published_at, id,
    topic, key, headers, payload, body, content_type, owner)
  select v_blocked.sub, p.position, v_blocked.attempts, coalesce(left(reject_blocked.reason, 8000), 'rejected'),
    v_blocked.error,
    coalesce(v_blocked.first_failed_at, howdah.now()), howdah.now(), l.published_at, l.id, l.topic, l.key, l.headers,
    l.payload, l.body, l.content_type, v_blocked.owner
  from howdah.parked p
    cross join lateral howdah.message_of(p.src, p.xid, p.seq, p.seg, p.seg) l
  where p.sub = v_blocked.sub and p.key_hash = v_blocked.key_hash and p.src = v_blocked.src
    and p.position = v_blocked.position;
  perform howdah.free_blocked(v_blocked);
  perform howdah.wake(reject_blocked.subscription);
end
$$;
