-- Where a job of a scope is parked; a row of nulls if it is not. The caller holds the cutting lock (see lock_job_scope).
-- Takes time for each job that waits in the scope.
create or replace function howdah.parked_job(v_sub howdah.subscription, v_id uuid) returns howdah.parked
language sql volatile
as $$
  select p
  from howdah.parked p
    cross join lateral howdah.message_of(p.src, p.xid, p.seq, p.seg, p.seg) l
  where p.sub = v_sub.id and l.id = v_id
  limit 1
$$;
