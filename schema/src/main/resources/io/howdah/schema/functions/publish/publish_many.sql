-- Publishes messages in the caller's transaction, all or none, and returns their ids in the order of the input.
--
-- The transaction's id is taken before the number of the block, so whoever waited for a row lock of another publisher
-- has the larger number: the order of seq is the order of cause. Ids are UUIDs of version 7 with one random prefix per
-- statement and the ordinal at the end: building each of them for itself would halve the rate.
-- Writes one row per message into log, or into due when it is delayed; changes no shared row and rings no bell.
-- Raises HD404 for an unknown stream, 22023, 22004, 22P02 and 22P05 for arguments that cannot be.
create or replace function howdah.publish_many(
  stream text,
  payloads text[],
  topics text[] default null,
  keys text[] default null,
  headers text[] default null,
  delays interval[] default null
) returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_xid constant bigint := pg_current_xact_id()::text::bigint;
  v_count constant int := coalesce(cardinality(payloads), 0);
  v_blocks bigint[];
  v_at timestamptz;
  v_stream int;
  v_max_payload int;
  v_seg smallint;
  v_prefix text;
  v_ids uuid[];
begin
  select s.id, s.max_payload into v_stream, v_max_payload
  from howdah.stream s
  where s.name = publish_many.stream and s.kind <> 'return';
  if not found then
    perform howdah.fail_unknown('stream', publish_many.stream);
  end if;
  perform howdah.check_messages(v_max_payload, payloads, topics, keys, headers, delays);

  v_at := howdah.now();
  v_blocks := array(select nextval('howdah.block') << 13 from generate_series(1, (v_count + 8191) / 8192));
  v_seg := howdah.current_segment();
  v_prefix := lpad(to_hex(floor(extract(epoch from v_at) * 1000)::bigint), 12, '0') || '7'
    || substr(replace(gen_random_uuid()::text, '-', ''), 14, 14);
  v_ids := array(select (v_prefix || to_hex(65536 + o))::uuid from generate_series(0, v_count - 1) o);

  if delays is not null then
    insert into howdah.due (due, stream, attempt, published_at, id, topic, key, headers, payload)
    select v_at + m.delay, v_stream, 0, v_at, m.id, coalesce(m.topic, m.headers::json ->> 'type'), m.key,
      m.headers::json, m.payload::json
    from unnest(v_ids, payloads, topics, keys, headers, delays) with ordinality
      as m (id, payload, topic, key, headers, delay, o)
    where m.delay > '0'
    order by m.o;
  end if;

  insert into howdah.log (seg, attempt, stream, xid, seq, published_at, id, topic, key, headers, payload)
  select v_seg, 0, v_stream, v_xid, v_blocks[1 + (m.o - 1) / 8192] + (m.o - 1) % 8192, v_at, m.id,
    coalesce(m.topic, m.headers::json ->> 'type'), m.key, m.headers::json, m.payload::json
  from unnest(v_ids, payloads, topics, keys, headers, delays) with ordinality
    as m (id, payload, topic, key, headers, delay, o)
  where coalesce(m.delay, '0') <= '0';

  return v_ids;
end
$$;
