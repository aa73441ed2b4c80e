-- Publishes up to 8,192 messages once, whatever becomes of the answer: the same batch again stores nothing and returns the
-- same ids, so a client that lost its connection may send it again, for an hour. The ids begin as the batch's own, a UUID
-- of version 7 of which only the first 27 digits count. One more row per batch, not per message. Raises what publish_many
-- does.
create or replace function howdah.publish_batch(
  batch uuid,
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
as $$
#variable_conflict use_column
declare
  v_stream howdah.stream;
  v_count constant int := coalesce(cardinality(payloads), 0);
  v_ids uuid[];
begin
  select s.* into strict v_stream from howdah.stream s where s.id = howdah.stream_id(publish_batch.stream);
  if batch is null or v_count not between 1 and 8192 then
    raise exception using errcode = '22023',
      message = format('a batch has an id and 1 to 8192 messages but got %s', v_count),
      hint = 'Publish larger amounts in several batches.';
  end if;
  if dues is not null then
    delays := howdah.delays_until(howdah.now(), v_count, delays, dues);
  end if;
  perform howdah.check_messages(v_stream.max_payload, payloads, topics, keys, headers, delays, ttls, bodies, content_types);
  v_ids := array(select (left(replace(batch::text, '-', ''), 27) || to_hex(65536 + o))::uuid
    from generate_series(0, v_count - 1) o order by o);
  if (howdah.claim_once(v_stream.id, 'b' || left(replace(batch::text, '-', ''), 27), batch, '1 h', false)).fresh then
    perform howdah.publish_given(v_stream, v_ids, payloads, topics, keys, headers, delays, ttls, null, bodies, content_types);
  end if;
  return v_ids;
end
$$;
