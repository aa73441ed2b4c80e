-- Gives a message that waits another due time; one that is past means now. With a subscription it is a retry of that
-- subscription, else a delayed message of the stream or queue. False if it does not wait (any more). Works in the
-- caller's transaction; a time before promote's watermark would be found late, hence never before now.
-- Raises HD404, 22023 for a time that is missing, infinite or more than 10 years ahead.
create or replace function howdah.reschedule(
  stream text,
  message uuid,
  due timestamptz,
  subscription text default null
) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_stream constant int := howdah.waiting_in(reschedule.stream, reschedule.subscription);
  v_now constant timestamptz := howdah.now();
begin
  if reschedule.due is null or not isfinite(reschedule.due) or reschedule.due > v_now + interval '10 years' then
    raise exception using errcode = '22023', message = 'the new due time is not valid',
      hint = 'Give a time that is at most 10 years ahead; one that is past means now.';
  end if;
  update howdah.due d set due = greatest(reschedule.due, v_now)
  where d.id = reschedule.message and d.stream = v_stream;
  return found;
end
$$;
