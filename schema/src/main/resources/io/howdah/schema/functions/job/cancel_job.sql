-- Takes a job back that is scheduled, waits, or waits for its next attempt: when this has committed it never runs (again),
-- and its queue goes on without it. False if it is running, over, or was never there: a job that runs is not stopped, but
-- if it fails it can be cancelled then. Raises HD404, HD409, 0A000, 55P03.
create or replace function howdah.cancel_job(scope text, id uuid) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_sub constant howdah.subscription := howdah.job_scope(cancel_job.scope);
  v_parked howdah.parked;
  v_blocked howdah.blocked;
begin
  delete from howdah.due d where d.id = cancel_job.id and d.stream in (v_sub.stream, v_sub.return_stream);
  if found then
    return true;
  end if;
  perform howdah.lock_job_scope(cancel_job.scope, 'cancel_job');
  v_parked := howdah.parked_job(v_sub, cancel_job.id);
  if v_parked.sub is null then
    return false;
  end if;
  select b.* into v_blocked
  from howdah.blocked b
  where b.sub = v_sub.id and b.key_hash = v_parked.key_hash and b.src = v_parked.src and b.position = v_parked.position;
  if found then
    perform howdah.free_blocked(v_blocked);
  else
    delete from howdah.parked p
    where p.sub = v_sub.id and p.key_hash = v_parked.key_hash and p.at = v_parked.at and p.src = v_parked.src
      and p.position = v_parked.position;
  end if;
  return true;
end
$$;
