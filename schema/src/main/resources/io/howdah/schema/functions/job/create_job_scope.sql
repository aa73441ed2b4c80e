-- Creates a scope of job queues and returns its subscription's id: an ordered queue of this name, in which each job queue
-- is a key. Options are those of a queue; finished jobs are kept for `archive_retention`, 7 days if it is not given. An
-- existing scope stays as it is. create_job calls it for the first job of a scope. Raises 22023, 0A000, HD409 if the name
-- belongs to something else, or the scope exists with another value of an option that is given.
create or replace function howdah.create_job_scope(scope text, options json default null) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_given constant jsonb := '{"ordering": "job"}'::jsonb || coalesce(create_job_scope.options::jsonb, '{}');
  v_sub howdah.subscription;
begin
  if jsonb_typeof(v_given) <> 'object' or v_given ->> 'ordering' is distinct from 'job' or v_given -> 'blocking' = 'false' then
    raise exception using errcode = '22023', message = 'a scope of jobs has the ordering job, and blocks',
      hint = 'Leave ordering and blocking out; a queue with another order is made with howdah.create_queue.';
  end if;
  perform howdah.require_read_committed('create_job_scope');
  select s.* into v_sub from howdah.subscription s where s.name = create_job_scope.scope and s.kind = 'queue';
  if v_sub.ordering <> 'job' then
    raise exception using errcode = 'HD409',
      message = format('"%s" is a queue already, and not a scope of jobs', create_job_scope.scope),
      hint = 'Choose another name for the scope.';
  end if;
  return howdah.add_queue(create_job_scope.scope, v_given::json, '{"archive_retention": "7 days"}');
end
$$;
