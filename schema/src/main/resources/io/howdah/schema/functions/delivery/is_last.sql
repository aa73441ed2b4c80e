-- Whether a message that has failed so often has no attempt left. Never, where max_attempts is null; a job has a limit of
-- its own.
create or replace function howdah.is_last(v_sub howdah.subscription, v_failures int, v_headers json) returns boolean
language sql immutable
as $$
  select coalesce(v_failures >= coalesce(
    case when v_sub.ordering = 'job' then howdah.job_number(v_headers, 'howdah.max-attempts') end, v_sub.max_attempts), false)
$$;
