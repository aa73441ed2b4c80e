-- Where a job of a scope is parked; a row of nulls if it is not. The caller holds the cutting lock (see lock_job_scope).
-- Takes time for each job that waits in the scope.
create or replace function howdah.parked_job(v_sub howdah.subscription, v_id uuid) returns howdah.parked
language sql volatile
as $$
  select p
  from howdah.parked p
    cross join lateral (
      select m.id from howdah.log m where m.seg = p.seg and m.stream = p.src and m.xid = p.xid and m.seq = p.seq offset 0
    ) l
  where p.sub = v_sub.id and l.id = v_id
  limit 1
$$;
