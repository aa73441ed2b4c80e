-- Publishes messages in the caller's transaction, all or none, and returns their ids in the order of the input.
--
-- The transaction's id is taken before the number of the block, so whoever waited for a row lock of another publisher
-- has the larger number: the order of seq is the order of cause. A block has 8,192 numbers; more messages than that go
-- block by block. Ids are UUIDs of version 7 with one random prefix per statement and the ordinal at the end: building
-- each of them for itself would halve the rate. Few statements, because each costs as much as ten messages: one tells
-- what is to be known and whether there is anything to look at more closely, one makes the ids, one stores.
-- Writes one row per message into log, or into due when it has a delay or a due time; changes no shared row and rings no
-- bell. Messages with a time to live, those of bytes, and streams with rules, go by publish_given, which stores what this
-- would; the id of a message that its stream drops or parks is returned like any other.
-- A payload that is null has bytes and their content type at its place in bodies and content_types instead.
-- The name of a subscription, such as a bound queue, sends a direct message: it goes into the subscription's return stream,
-- which nobody else reads. A stream of the same name comes first.
-- Raises HD404 for an unknown stream, HD422 for a message that nobody takes if the stream says so, 22023, 22004, 22P02 and
-- 22P05 for arguments that cannot be.
create or replace function howdah.publish_many(
  stream text,
  payloads text[],
  topics text[] default null,
  keys text[] default null,
  headers text[] default null,
  delays interval[] default null,
  dues timestamptz[] default null,
  ttls interval[] default null,
  bodies bytea[] default null,
  content_types text[] default null
) returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_name text := publish_many.stream;
  v_xid bigint;
  v_block bigint;
  v_to record;
  v_ids uuid[];
begin
  v_xid := pg_current_xact_id()::text::bigint;
  loop
    select s.id, s.max_payload, s.has_rules, n.at, howdah.current_segment() as seg, coalesce(cardinality(payloads), 0) as count,
      lpad(to_hex(floor(extract(epoch from n.at) * 1000)::bigint), 12, '0') || '7'
        || substr(replace(gen_random_uuid()::text, '-', ''), 14, 14) as prefix
    into v_to
    from howdah.stream s cross join (select howdah.now() as at) n
    where s.name = v_name and (s.kind <> 'return' or v_name <> publish_many.stream);
    exit when found;
    v_name := howdah.direct_stream(publish_many.stream);
  end loop;
  if dues is not null then
    delays := howdah.delays_until(v_to.at, v_to.count, delays, dues);
  end if;
  if not (v_to.count between 1 and 8192 and array_ndims(payloads) = 1
      and num_nulls(topics, keys, headers, delays, ttls, bodies, content_types) = 7)
    or exists (
      select from unnest(payloads) m (payload)
      where m.payload is null or octet_length(m.payload) > least(v_to.max_payload, 1024) or m.payload like '%\\u%')
  then
    perform howdah.check_messages(v_to.max_payload, payloads, topics, keys, headers, delays, ttls, bodies, content_types);
    if v_to.count > 8192 then
      return howdah.publish_blocks(publish_many.stream, payloads, topics, keys, headers, delays, ttls, bodies, content_types);
    end if;
  end if;

  v_ids := array(select (v_to.prefix || to_hex(65536 + o))::uuid from generate_series(0, v_to.count - 1) o);
  if v_to.has_rules or num_nonnulls(ttls, bodies) > 0 then
    perform howdah.publish_given((select s from howdah.stream s where s.id = v_to.id), v_ids, payloads, topics, keys, headers,
      delays, ttls, null, bodies, content_types);
    return v_ids;
  end if;
  v_block := nextval('howdah.block') << 13;
  if delays is not null then
    insert into howdah.due (due, stream, attempt, published_at, id, topic, key, headers, payload)
    select v_to.at + m.delay, v_to.id, 0, v_to.at, m.id, coalesce(m.topic, m.headers::json ->> 'type'), m.key,
      m.headers::json, m.payload::json
    from unnest(v_ids, payloads, topics, keys, headers, delays) with ordinality
      as m (id, payload, topic, key, headers, delay, o)
    where m.delay > '0'
    order by m.o;
  end if;
  insert into howdah.log (seg, attempt, stream, xid, seq, published_at, id, topic, key, headers, payload)
  select v_to.seg, 0, v_to.id, v_xid, v_block + m.o - 1, v_to.at, m.id, coalesce(m.topic, m.headers::json ->> 'type'),
    m.key, m.headers::json, m.payload::json
  from unnest(v_ids, payloads, topics, keys, headers, delays) with ordinality
    as m (id, payload, topic, key, headers, delay, o)
  where coalesce(m.delay, '0') <= '0';
  return v_ids;
end
$$;
