-- Publishes up to 8,192 messages, each unless one with the same deduplication key, or the same id, was published to this
-- stream within the window (that of the stream if none is given) or, until_done, is not settled yet. A row for each message in
-- the order of the input: its id and whether it is a duplicate, then it is the id of the first. One with neither key nor id is
-- always published; of two with one key in a batch the first is. In the caller's transaction: while another one that has
-- used a key is open this waits, and when that rolls back this one publishes. Keys are taken in their order, so batches do not
-- deadlock.
-- An id may also be that of a message of a batch (see publish_batch) whose outcome was not known: claiming the batch's key
-- too finds out, or keeps a statement of it that is still on its way from storing anything.
-- Raises what publish_many does; 22023 for a key, an id or a window that cannot be; 40001 in REPEATABLE READ and SERIALIZABLE
-- when somebody else has used a key since.
create or replace function howdah.publish_many_once(
  stream text,
  payloads text[],
  onces text[] default null,
  ids uuid[] default null,
  within interval default null,
  until_done boolean default false,
  topics text[] default null,
  keys text[] default null,
  headers text[] default null,
  delays interval[] default null,
  dues timestamptz[] default null,
  ttls interval[] default null,
  bodies bytea[] default null,
  content_types text[] default null
) returns table (message uuid, duplicate boolean)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_none constant uuid := '00000000-0000-0000-0000-000000000000';
  v_count constant int := coalesce(cardinality(publish_many_once.payloads), 0);
  v_stream howdah.stream;
  v_window interval;
  v_delays interval[] := publish_many_once.delays;
  v_ids uuid[];
  v_first uuid[];
  v_item record;
  v_claim record;
begin
  select s.* into strict v_stream from howdah.stream s where s.id = howdah.stream_id(publish_many_once.stream);
  v_window := coalesce(publish_many_once.within, v_stream.once_window);
  if v_count not between 1 and 8192 or v_count <> coalesce(cardinality(onces), v_count)
    or v_count <> coalesce(cardinality(publish_many_once.ids), v_count) then
    raise exception using errcode = '22023',
      message = format('1 to 8192 messages can be published once but got %s, or there are not as many keys or ids', v_count),
      hint = 'Publish larger amounts in several statements of one transaction; give null for an element without a key or id.';
  end if;
  if exists (select from unnest(onces) k where octet_length(k) not between 1 and 255 or k ~ '[\x01-\x1f\x7f]')
    or v_window not between '1 ms' and '30 days' or until_done is null or until_done and within is not null then
    raise exception using errcode = '22023', message = 'a deduplication key or its window is not valid',
      hint = 'A key is 1 to 255 bytes without control characters; it counts for a window of 1 ms to 30 days, or until_done.';
  end if;
  if dues is not null then
    v_delays := howdah.delays_until(howdah.now(), v_count, v_delays, dues);
  end if;
  perform howdah.check_messages(v_stream.max_payload, payloads, topics, keys, headers, v_delays, ttls, bodies,
    content_types);

  v_ids := array(
    select coalesce(i.id, (p.prefix || to_hex(65535 + i.o))::uuid)
    from unnest(payloads, publish_many_once.ids) with ordinality i (payload, id, o)
      cross join (
        select lpad(to_hex(floor(extract(epoch from howdah.now()) * 1000)::bigint), 12, '0') || '7'
          || substr(replace(gen_random_uuid()::text, '-', ''), 14, 14) as prefix) p
    order by i.o);
  v_first := v_ids;
  for v_item in
    select i.o, 'k' || i.once as once, v_ids[i.o] as id, false as is_id
    from unnest(onces) with ordinality i (once, o) where i.once is not null
    union all
    select i.o, 'i' || i.id, i.id, true from unnest(publish_many_once.ids) with ordinality i (id, o) where i.id is not null
    order by is_id, once, o
  loop
    continue when v_first[v_item.o] is null;
    if v_item.is_id then
      select * into v_claim
      from howdah.claim_once(v_stream.id, 'b' || left(replace(v_item.id::text, '-', ''), 27), v_none, '1 h', false);
      if not v_claim.fresh and v_claim.first <> v_none then
        v_first[v_item.o] := null;
        continue;
      end if;
    end if;
    select * into v_claim from howdah.claim_once(v_stream.id, v_item.once, v_item.id, v_window, until_done);
    if not v_claim.fresh then
      v_ids[v_item.o] := v_claim.first;
      v_first[v_item.o] := null;
    end if;
  end loop;

  select array_agg(i.id order by i.o) as ids, array_agg(i.payload order by i.o) as payloads,
    array_agg(i.topic order by i.o) as topics, array_agg(i.key order by i.o) as keys, array_agg(i.headers order by i.o)
      as headers,
    array_agg(i.delay order by i.o) as delays, array_agg(i.ttl order by i.o) as ttls,
    array_agg(until_done and num_nonnulls(i.once, i.given) > 0 order by i.o) as keeps,
    case when bodies is not null then array_agg(i.body order by i.o) end as bodies,
    case when content_types is not null then array_agg(i.content_type order by i.o) end as content_types
  into v_item
  from unnest(v_first, payloads, topics, keys, headers, v_delays, ttls, onces, publish_many_once.ids, bodies, content_types)
    with ordinality i (id, payload, topic, key, headers, delay, ttl, once, given, body, content_type, o)
  where i.id is not null;
  if v_item.ids is not null then
    perform howdah.publish_given(v_stream, v_item.ids, v_item.payloads, v_item.topics, v_item.keys, v_item.headers,
      v_item.delays, v_item.ttls, v_item.keeps, v_item.bodies, v_item.content_types);
  end if;
  return query
  select i.id, i.first is null from unnest(v_ids, v_first) with ordinality i (id, first, o) order by i.o;
end
$$;
