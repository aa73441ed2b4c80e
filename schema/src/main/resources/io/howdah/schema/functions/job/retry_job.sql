-- Has a job tried at once that waits for its next attempt, its attempts counting on; starts one that is scheduled for
-- later, and one that is dead from the beginning, both as soon as their queue is free. False if it is none of these.
-- Raises HD404, HD409, 0A000.
create or replace function howdah.retry_job(scope text, id uuid) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription := howdah.job_scope(retry_job.scope);
  v_blocked howdah.blocked;
begin
  update howdah.due d set due = howdah.now()
  where d.id = retry_job.id and d.stream in (v_sub.stream, v_sub.return_stream) and d.due > howdah.now();
  if found then
    return true;
  end if;
  v_sub := howdah.lock_subscription(retry_job.scope, 'retry_job');
  v_blocked := howdah.blocked_job(v_sub, retry_job.id);
  if v_blocked.sub is not null then
    update howdah.blocked b set due = howdah.now() where b.sub = v_sub.id and b.key_hash = v_blocked.key_hash;
    return true;
  end if;
  return howdah.redrive(retry_job.scope, json_build_object('ids', array[retry_job.id])) > 0;
end
$$;
