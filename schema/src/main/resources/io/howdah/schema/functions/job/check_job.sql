-- Refuses a job that cannot be, with one error (22023) that names everything that is wrong with it.
create or replace function howdah.check_job(
  v_queue text,
  v_action text,
  v_params json,
  v_timeout interval,
  v_max_backoff interval,
  v_max_attempts int,
  v_scheduled_at timestamptz
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bad constant text[] := array_remove(array[
    case when v_queue is null or octet_length(v_queue) not between 1 and 255 or v_queue ~ '[\x01-\x1f\x7f]'
      then 'queue must be 1 to 255 bytes without control characters' end,
    case when v_action is null or octet_length(v_action) not between 1 and 255 or v_action ~ '[\x01-\x1f\x7f]'
      then 'action must be 1 to 255 bytes without control characters' end,
    case when v_params is null then 'params must be JSON, for nothing the JSON value null or {}' end,
    case when v_timeout is null or v_timeout not between '10 ms' and '1 day'
      then format('timeout must be between 10 ms and 1 day but was %s', coalesce(v_timeout::text, 'null')) end,
    case when v_max_backoff is null or v_max_backoff not between '0' and '3653 days'
      then format('max_backoff must be between 0 and 10 years but was %s', coalesce(v_max_backoff::text, 'null')) end,
    case when v_max_attempts is null or v_max_attempts not between 1 and 30000
      then format('max_attempts must be between 1 and 30000 but was %s', coalesce(v_max_attempts::text, 'null')) end,
    case when not isfinite(v_scheduled_at) or v_scheduled_at > howdah.now() + interval '10 years'
      then format('scheduled_at must be at most 10 years ahead but was %s', v_scheduled_at) end], null);
begin
  if cardinality(v_bad) > 0 then
    raise exception using errcode = '22023', message = 'the job is not valid: ' || array_to_string(v_bad, '; '),
      hint = 'Nothing was created.';
  end if;
end
$$;
