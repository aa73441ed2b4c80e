-- Takes back a message that waits for its time: a delayed one of a stream or queue, or, when a subscription is named, a
-- retry of that subscription, which then never gets the message again. False if it does not wait (any more): it was
-- delivered, cancelled, or never there. Works in the caller's transaction. Raises HD404.
create or replace function howdah.cancel_scheduled(stream text, message uuid, subscription text default null)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_stream constant int := howdah.waiting_in(cancel_scheduled.stream, cancel_scheduled.subscription);
begin
  delete from howdah.due d where d.id = cancel_scheduled.message and d.stream = v_stream;
  return found;
end
$$;
