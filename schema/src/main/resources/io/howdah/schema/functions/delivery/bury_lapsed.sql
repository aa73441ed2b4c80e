-- Gives up the last open message of a lapsed slice if its attempts are used up, and closes the slice; false if it may be
-- tried again. The caller holds the slice's lock and has counted the lapse in v_slice.attempt.
create or replace function howdah.bury_lapsed(v_sub howdah.subscription, v_slice howdah.slice) returns boolean
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
begin
  select m.* into v_message
  from howdah.messages_between(v_slice.src, v_position, v_position, v_slice.low_seg, v_slice.high_seg) m
  where howdah.is_last(v_sub, m.attempt::int + v_slice.attempt);
  if not found then
    return false;
  end if;
  if v_sub.after_last = 'discard' then
    insert into howdah.tally (sub, what, n) values (v_sub.id, 'discarded', 1);
  else
    insert into howdah.dead_letter (sub, position, attempts, reason, error, first_failed_at, failed_at, published_at, id,
      topic, key, headers, payload, body, content_type)
    values (v_sub.id, v_message.position, least(v_message.attempt::int + v_slice.attempt, 30000), 'lapsed',
      format('the lease lapsed %s times without an answer; last owner: %s', v_slice.attempt,
        coalesce(v_slice.owner, 'unknown')),
      coalesce(v_message.failed_at, least(v_slice.deadline, howdah.now())), howdah.now(), v_message.published_at,
      v_message.id, v_message.topic, v_message.key, v_message.headers, v_message.payload, v_message.body,
      v_message.content_type);
  end if;
  return howdah.close_slice(v_slice, 'dead');
end
$$;
