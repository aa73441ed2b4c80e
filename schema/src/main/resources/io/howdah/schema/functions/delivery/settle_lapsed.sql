-- Settles a lapsed slice of which one message is left: gives it up if its attempts are used up; from the third attempt on
-- schedules it, as a failure would, and closes the slice; false if it may be tried again at once. The caller holds the
-- slice's lock and has counted the lapse in v_slice.attempt.
--
-- The wait parts a message that kills its consumer from those that were in the same hands each time it did: without it
-- they would come back together, die together and be given up together. It also keeps a fleet from dying as fast as it
-- can.
create or replace function howdah.settle_lapsed(v_sub howdah.subscription, v_slice howdah.slice) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_position constant bigint := (howdah.open_positions(v_slice))[1];
  v_message record;
  v_attempts int;
begin
  select m.* into strict v_message
  from howdah.messages_between(v_slice.src, v_position, v_position, v_slice.low_seg, v_slice.high_seg) m;
  v_attempts := least(v_message.attempt::int + v_slice.attempt, 30000);
  v_message.failed_at := coalesce(v_message.failed_at, least(v_slice.deadline, howdah.now()));
  if not howdah.is_last(v_sub, v_attempts) then
    if v_attempts < 3 then
      return false;
    end if;
    insert into howdah.due (due, stream, sub, attempt, published_at, id, topic, key, headers, payload, body, content_type,
      reason, failed_at)
    values (howdah.now() + howdah.retry_delay(v_sub, v_attempts), v_sub.return_stream, v_sub.id, v_attempts,
      v_message.published_at, v_message.id, v_message.topic, v_message.key, v_message.headers, v_message.payload,
      v_message.body, v_message.content_type, 'lapsed', v_message.failed_at);
    return howdah.close_slice(v_slice, 'later');
  end if;
  if v_sub.after_last = 'discard' then
    insert into howdah.tally (sub, what, n) values (v_sub.id, 'discarded', 1);
  else
    insert into howdah.dead_letter (sub, position, attempts, reason, error, first_failed_at, failed_at, published_at, id,
      topic, key, headers, payload, body, content_type)
    values (v_sub.id, v_message.position, v_attempts, 'lapsed',
      format('the lease lapsed without an answer; the last owner was %s', coalesce(v_slice.owner, 'unknown')),
      v_message.failed_at, howdah.now(), v_message.published_at,
      v_message.id, v_message.topic, v_message.key, v_message.headers, v_message.payload, v_message.body,
      v_message.content_type);
  end if;
  return howdah.close_slice(v_slice, 'dead');
end
$$;
