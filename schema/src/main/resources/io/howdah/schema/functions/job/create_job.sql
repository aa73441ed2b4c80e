-- Creates a job in the caller's transaction and returns its id. Its queue comes to exist by that, and so does its scope.
--
-- One job of a queue runs at a time, in the order of (scheduled_at, creation); one for later holds up nobody, and one for
-- a time that is past goes before those for later times, but never before one that was tried already. A job that fails
-- waits (2^failures + 1) s, ±10 %, at most max_backoff, and holds up its queue until then; after max_attempts it is a dead
-- letter. `timeout` is how long the performer lets it run.
-- Writes one row. Raises 22023 with everything that is wrong, HD409 if the scope is a queue of another kind, and what
-- publish_many does.
create or replace function howdah.create_job(
  scope text,
  queue text,
  action text,
  params json default '{}',
  timeout interval default '60 s',
  max_backoff interval default '24 h',
  max_attempts int default 20,
  scheduled_at timestamptz default null
) returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform howdah.check_job(create_job.queue, create_job.action, create_job.params, create_job.timeout,
    create_job.max_backoff, create_job.max_attempts, create_job.scheduled_at);
  if not exists (select from howdah.subscription s where s.name = create_job.scope and s.ordering = 'job') then
    perform howdah.create_job_scope(create_job.scope);
  end if;
  return (howdah.publish_many(
    create_job.scope,
    array[create_job.params::text],
    keys => array[create_job.queue],
    headers => array[json_strip_nulls(json_build_object(
      'howdah.action', create_job.action,
      'howdah.timeout', ceil(extract(epoch from create_job.timeout) * 1000)::bigint::text,
      'howdah.max-backoff', ceil(extract(epoch from create_job.max_backoff) * 1000)::bigint::text,
      'howdah.max-attempts', create_job.max_attempts::text,
      'howdah.at', case when create_job.scheduled_at is not null
        then greatest(extract(epoch from create_job.scheduled_at) * 1000000, 0)::bigint::text end))::text],
    dues => array[create_job.scheduled_at]))[1];
end
$$;
