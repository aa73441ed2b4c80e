-- Stores messages under ids that are known before, as publish_many does otherwise: the caller has checked the messages and
-- knows that these ids are new. A time to live counts from the time that a message can be delivered. v_keeps says which keep
-- their deduplication key until they are settled.
create or replace function howdah.store_messages(
  v_stream int,
  v_ids uuid[],
  v_payloads text[],
  v_topics text[],
  v_keys text[],
  v_headers text[],
  v_delays interval[],
  v_ttls interval[],
  v_keeps boolean[],
  v_bodies bytea[],
  v_types text[]
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_xid constant bigint := pg_current_xact_id()::text::bigint;
  v_block bigint;
  v_seg constant smallint := howdah.current_segment();
  v_at constant timestamptz := howdah.now();
begin
  v_block := nextval('howdah.block') << 13;
  if v_delays is not null then
    insert into howdah.due (due, stream, attempt, published_at, id, topic, key, headers, payload, expires_at, keeps_key, body,
      content_type)
    select v_at + m.delay, v_stream, 0, v_at, m.id, coalesce(m.topic, m.headers::json ->> 'type'), m.key,
      m.headers::json, m.payload::json, v_at + m.delay + m.ttl, nullif(m.keeps, false), m.body, m.type
    from unnest(v_ids, v_payloads, v_topics, v_keys, v_headers, v_delays, v_ttls, v_keeps, v_bodies, v_types)
      with ordinality as m (id, payload, topic, key, headers, delay, ttl, keeps, body, type, o)
    where m.delay > '0'
    order by m.o;
  end if;
  insert into howdah.log (seg, attempt, stream, xid, seq, published_at, id, topic, key, headers, payload, expires_at,
    keeps_key, body, content_type)
  select v_seg, 0, v_stream, v_xid, v_block + m.o - 1, v_at, m.id, coalesce(m.topic, m.headers::json ->> 'type'),
    m.key, m.headers::json, m.payload::json, v_at + m.ttl, nullif(m.keeps, false), m.body, m.type
  from unnest(v_ids, v_payloads, v_topics, v_keys, v_headers, v_delays, v_ttls, v_keeps, v_bodies, v_types)
    with ordinality as m (id, payload, topic, key, headers, delay, ttl, keeps, body, type, o)
  where coalesce(m.delay, '0') <= '0';
end
$$;
