-- Settles a lapsed slice of which one message is left: gives it up if its attempts are used up; from the third attempt on
-- treats it as a failure, and closes the slice; false if it may be tried again at once. The caller holds the slice's lock
-- and has counted the lapse in v_slice.attempt.
--
-- The wait parts a message that kills its consumer from those that were in the same hands each time it did: without it
-- they would come back together, die together and be given up together. It also keeps a fleet from dying as fast as it
-- can.
create or replace function howdah.settle_lapsed(v_sub howdah.subscription, v_slice howdah.slice) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_open constant bigint[] := howdah.open_positions(v_slice);
  v_message record;
begin
  select v_slice.attempt + m.attempt as attempts, m.headers into v_message
  from howdah.slice_messages(v_slice) m
  where m.position = v_open[1];
  if v_message.attempts < 3 and not howdah.is_last(v_sub, v_message.attempts, v_message.headers) then
    return false;
  end if;
  v_slice.attempt := v_slice.attempt - 1;
  perform howdah.settle_failures(v_slice, v_open, v_open, '{retry}', null, '{lapsed}',
    array[format('the lease lapsed without an answer; the last owner was %s', coalesce(v_slice.owner, 'unknown'))], 'done');
  return howdah.close_slice(v_slice, 'lapsed');
end
$$;
