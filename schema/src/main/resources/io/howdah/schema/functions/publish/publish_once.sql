-- Publishes a message unless one with the same deduplication key was published to this stream within the window (that of
-- the stream if none is given, see set_once_window); returns the id and whether it is a duplicate, then it is the id of the
-- first. The key is `once`, or the message's own `id`, or both. In the caller's transaction: while another one that has used
-- the key is open this waits, and when that rolls back this one publishes.
-- Raises what publish does; 22023 for a key or window that cannot be; 40001 in REPEATABLE READ and SERIALIZABLE when
-- somebody else has used the key since.
create or replace function howdah.publish_once(
  stream text,
  payload json,
  once text default null,
  id uuid default null,
  within interval default null,
  topic text default null,
  key text default null,
  headers json default null,
  delay interval default null,
  due timestamptz default null,
  ttl interval default null,
  out message uuid,
  out duplicate boolean
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream howdah.stream;
  v_window interval;
  v_claim record;
  v_delays interval[] := array[publish_once.delay];
  v_id constant uuid := coalesce(publish_once.id,
    (lpad(to_hex(floor(extract(epoch from howdah.now()) * 1000)::bigint), 12, '0') || '7'
      || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid);
begin
  select s.* into strict v_stream from howdah.stream s where s.id = howdah.stream_id(publish_once.stream);
  v_window := coalesce(publish_once.within, v_stream.once_window);
  if num_nonnulls(publish_once.once, publish_once.id) = 0 or octet_length(publish_once.once) not between 1 and 255
    or publish_once.once ~ '[\x01-\x1f\x7f]' or v_window not between '1 ms' and '30 days' then
    raise exception using errcode = '22023', message = 'the deduplication key or its window is not valid',
      hint = 'Give a key of 1 to 255 bytes without control characters, or an id; a window is 1 ms to 30 days.';
  end if;
  if publish_once.due is not null then
    v_delays := howdah.delays_until(howdah.now(), 1, v_delays, array[publish_once.due]);
  end if;
  perform howdah.check_messages(v_stream.max_payload, array[publish_once.payload::text], array[publish_once.topic],
    array[publish_once.key], array[publish_once.headers::text], v_delays,
    array[publish_once.ttl]);

  select v_id as first, true as fresh into v_claim;
  if publish_once.once is not null then
    select * into v_claim from howdah.claim_once(v_stream.id, 'k' || publish_once.once, v_id, v_window);
  end if;
  if v_claim.fresh and publish_once.id is not null then
    select * into v_claim from howdah.claim_once(v_stream.id, 'i' || publish_once.id, v_id, v_window);
  end if;
  if v_claim.fresh then
    perform howdah.publish_given(v_stream, array[v_id], array[publish_once.payload::text], array[publish_once.topic],
      array[publish_once.key], array[publish_once.headers::text], v_delays, array[publish_once.ttl], null);
  end if;
  message := v_claim.first;
  duplicate := not v_claim.fresh;
end
$$;
