-- The jobs of a scope, or of one queue of it, or the one of an id, or those in one state: what jobs and count_jobs choose
-- from. A state other than done, dead and scheduled costs as much as all of them (see open_jobs).
create or replace function howdah.all_jobs(v_sub howdah.subscription, v_queue text, v_id uuid, v_state text)
returns setof howdah.job
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  select j.id, j.key, j.headers ->> 'howdah.action', j.payload, j.state, howdah.job_time(j.headers, j.published_at),
    j.published_at, make_interval(secs => howdah.job_number(j.headers, 'howdah.timeout') / 1e3),
    make_interval(secs => howdah.job_number(j.headers, 'howdah.max-backoff') / 1e3),
    coalesce(howdah.job_number(j.headers, 'howdah.max-attempts')::int, v_sub.max_attempts), j.attempts, j.attempted_at,
    j.attempted_by, nullif(concat_ws(': ', j.reason, j.error), ''), j.due, j.done_at
  from (
    select o.*, null::timestamptz as done_at
    from howdah.open_jobs(v_sub, v_queue) o
    where v_state is null or v_state not in ('scheduled', 'done', 'dead')
    union all
    select d.id, d.key, d.headers, d.payload, d.published_at,
      case when d.due > howdah.now() then 'scheduled' else 'available' end, d.attempt::int, null, null, d.reason, d.error,
      d.due, null
    from howdah.due d
    where d.stream in (v_sub.stream, v_sub.return_stream) and d.recurring is null
      and (v_state is null or v_state not in ('done', 'dead'))
    union all
    select a.id, a.key, a.headers, a.payload, a.published_at, 'done', a.attempts, a.archived_at, a.owner, null, null, null,
      a.archived_at
    from howdah.archive a
    where a.sub = v_sub.id and (v_id is null or a.id = v_id) and (v_state is null or v_state = 'done')
    union all
    select l.id, l.key, l.headers, l.payload, l.published_at, 'dead', l.attempts, l.failed_at, l.owner, l.reason, l.error,
      null, null
    from howdah.dead_letter l
    where l.sub = v_sub.id and (v_id is null or l.id = v_id) and (v_state is null or v_state = 'dead')
  ) j
  where (v_queue is null or j.key = v_queue) and (v_id is null or j.id = v_id) and (v_state is null or j.state = v_state);
end
$$;
