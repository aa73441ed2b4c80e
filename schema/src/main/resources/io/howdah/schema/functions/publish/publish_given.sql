-- Publishes messages under ids that are known before, as store_messages stores them, by the rules of their stream: headers
-- and the time to live that it gives to messages without, and what becomes of messages that no subscription takes: `error`
-- raises HD422 and nothing is published; `drop` counts them; `park` counts them and stores them in another queue, at once,
-- with a header `unroutable` that names the stream.
--
-- What takes a message is decided once, for delayed ones too, by the bindings that this statement sees. A binding that is
-- changed by a transaction that commits meanwhile may still reach the message (see change_bindings), or no longer: then it is
-- kept in the stream. So nothing here waits for anybody, and nobody waits for a publisher.
create or replace function howdah.publish_given(
  v_stream howdah.stream,
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
as $$
declare
  v_lost bigint[] := '{}';
  v_all record;
begin
  if not v_stream.has_rules then
    perform howdah.store_messages(v_stream.id, v_ids, v_payloads, v_topics, v_keys, v_headers, v_delays, v_ttls, v_keeps,
      v_bodies, v_types);
    return;
  end if;
  if v_stream.headers is not null then
    v_headers := array(
      select (v_stream.headers::jsonb || coalesce(m.headers, '{}')::jsonb)::text
      from unnest(v_ids, v_headers) with ordinality m (id, headers, o) order by m.o);
  end if;
  v_topics := array(
    select coalesce(m.topic, m.headers::json ->> 'type')
    from unnest(v_ids, v_topics, v_headers) with ordinality m (id, topic, headers, o) order by m.o);
  v_ttls := array(
    select coalesce(m.ttl, v_stream.ttl) from unnest(v_ids, v_ttls) with ordinality m (id, ttl, o) order by m.o);
  if v_stream.unroutable <> 'keep' then
    v_lost := howdah.unroutable(v_stream.id, v_ids, v_topics, v_keys);
  end if;
  if cardinality(v_lost) > 0 and v_stream.unroutable = 'error' then
    raise exception using errcode = 'HD422',
      message = format('no subscription of "%s" takes message %s of %s, whose topic is %s; nothing was published',
        v_stream.name, v_lost[1], cardinality(v_ids), coalesce(v_topics[v_lost[1]], '(none)')),
      hint = 'Bind a queue to the topic, correct it, or give the stream another option unroutable.';
  end if;

  for v_all in
    select coalesce(m.o = any (v_lost), false) as lost, array_agg(m.id order by m.o) as ids,
      array_agg(m.payload order by m.o) as payloads, array_agg(m.topic order by m.o) as topics,
      array_agg(m.key order by m.o) as keys, array_agg(m.headers order by m.o) as headers,
      array_agg(m.delay order by m.o) as delays, array_agg(m.ttl order by m.o) as ttls,
      array_agg(m.keeps order by m.o) as keeps, array_agg(m.body order by m.o) as bodies,
      array_agg(m.type order by m.o) as types
    from unnest(v_ids, v_payloads, v_topics, v_keys, v_headers, v_delays, v_ttls, v_keeps, v_bodies, v_types)
      with ordinality m (id, payload, topic, key, headers, delay, ttl, keeps, body, type, o)
    group by 1
  loop
    if not v_all.lost then
      perform howdah.store_messages(v_stream.id, v_all.ids, v_all.payloads, v_all.topics, v_all.keys, v_all.headers,
        v_all.delays, v_all.ttls, v_all.keeps, v_all.bodies, v_all.types);
      continue;
    end if;
    insert into howdah.tally (stream, what, n) values (v_stream.id, 'unroutable', cardinality(v_all.ids));
    if v_stream.unroutable = 'park' then
      perform howdah.store_messages(v_stream.park_in, v_all.ids, v_all.payloads, v_all.topics, v_all.keys,
        array(
          select (coalesce(h.headers, '{}')::jsonb || jsonb_build_object('unroutable', v_stream.name))::text
          from unnest(v_all.headers) with ordinality h (headers, o) order by h.o),
        null, null, null, v_all.bodies, v_all.types);
    end if;
  end loop;
end
$$;
