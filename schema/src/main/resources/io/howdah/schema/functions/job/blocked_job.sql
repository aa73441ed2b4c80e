-- The row in `blocked` of a job that has failed and waits for its next attempt, or for somebody to decide; a row of nulls
-- if it does not. Only a job that was tried can be one, so this looks at those, not at all that wait. The caller holds the
-- cutting lock.
create or replace function howdah.blocked_job(v_sub howdah.subscription, v_id uuid) returns howdah.blocked
language sql volatile
as $$
  select b
  from howdah.blocked b
    join howdah.parked p
      on p.sub = b.sub and p.key_hash = b.key_hash and p.at = '-infinity' and p.src = b.src and p.position = b.position
    cross join lateral howdah.message_of(p.src, p.xid, p.seq, p.seg, p.seg) l
  where b.sub = v_sub.id and b.failed_at is not null and l.id = v_id
  limit 1
$$;
