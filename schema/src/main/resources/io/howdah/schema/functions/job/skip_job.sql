-- Gives up a job that waits for its next attempt and holds up its queue: it becomes a dead letter, the queue goes on. False
-- if it does not. Raises HD404, HD409, 0A000.
create or replace function howdah.skip_job(scope text, id uuid, reason text default 'skipped') returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription := howdah.job_scope(skip_job.scope);
  v_blocked howdah.blocked;
begin
  v_sub := howdah.lock_subscription(skip_job.scope, 'skip_job');
  v_blocked := howdah.blocked_job(v_sub, skip_job.id);
  if v_blocked.sub is null then
    return false;
  end if;
  perform howdah.reject_blocked(skip_job.scope, v_blocked.key, skip_job.reason);
  return true;
end
$$;
