-- The jobs of a scope that a filter means (see find_jobs), in the order of queue, scheduled_at and creation, page by page:
-- up to `quantity` of them after the first `start`. Each row has the number of all that the filter means as `total`.
-- attempts are those that ended; attempted_at is when the last one ended, or the running one began. Locks and writes
-- nothing. Raises what find_jobs does, 22023.
create or replace function howdah.jobs(scope text, filter json default null, quantity int default 100, start bigint default 0)
returns table (
  id uuid,
  queue text,
  action text,
  params json,
  state text,
  scheduled_at timestamptz,
  created_at timestamptz,
  timeout interval,
  max_backoff interval,
  max_attempts int,
  attempts int,
  attempted_at timestamptz,
  attempted_by text,
  error text,
  next_attempt timestamptz,
  done_at timestamptz,
  total bigint
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform howdah.check_page(jobs.quantity);
  return query
  select j.*, count(*) over ()
  from howdah.find_jobs(jobs.scope, jobs.filter) j
  order by j.queue collate "C", j.scheduled_at, j.created_at, j.id
  limit jobs.quantity
  offset greatest(coalesce(jobs.start, 0), 0);
end
$$;
