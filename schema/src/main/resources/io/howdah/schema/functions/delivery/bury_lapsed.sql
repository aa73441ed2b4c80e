-- Makes the last open message of a lapsed slice a dead letter if its attempts are used up, and closes the slice; false
-- if it may be tried again. The caller holds the slice's lock and has counted the lapse in v_slice.attempt.
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
begin
  insert into howdah.dead_letter (sub, position, attempts, reason, error, failed_at, published_at, id, topic, key, headers,
    payload, body, content_type)
  select v_sub.id, m.position, m.attempt + v_slice.attempt, 'lapsed',
    'the lease lapsed ' || v_slice.attempt || ' times without an answer; last owner: ' || coalesce(v_slice.owner, 'unknown'),
    howdah.now(), m.published_at, m.id, m.topic, m.key, m.headers, m.payload, m.body, m.content_type
  from howdah.messages_between(v_slice.src, v_position, v_position, v_slice.low_seg, v_slice.high_seg) m
  where m.attempt + v_slice.attempt >= v_sub.max_attempts;
  if not found then
    return false;
  end if;
  return howdah.close_slice(v_slice, 'dead');
end
$$;
