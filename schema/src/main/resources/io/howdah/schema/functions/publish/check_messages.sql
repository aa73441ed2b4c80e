-- Refuses messages that could not be stored or read again; says which one and why, and never shows a payload.
-- Whether a text is JSON is left to the cast that stores it.
create or replace function howdah.check_messages(
  max_payload int,
  payloads text[],
  topics text[],
  keys text[],
  headers text[],
  delays interval[],
  ttls interval[] default null,
  bodies bytea[] default null,
  content_types text[] default null
) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count constant int := coalesce(cardinality(payloads), 0);
  v_bad bigint;
begin
  if v_count not between 1 and 100000 then
    raise exception using errcode = '22023',
      message = format('a publish takes 1 to 100000 messages but got %s', v_count),
      hint = 'Publish larger amounts in several statements of one transaction.';
  end if;
  if array_ndims(payloads) <> 1 or v_count <> coalesce(cardinality(topics), v_count)
      or v_count <> coalesce(cardinality(keys), v_count) or v_count <> coalesce(cardinality(headers), v_count)
      or v_count <> coalesce(cardinality(delays), v_count) or v_count <> coalesce(cardinality(ttls), v_count)
      or v_count <> coalesce(cardinality(bodies), v_count) or v_count <> coalesce(cardinality(content_types), v_count) then
    raise exception using errcode = '22023',
      message = 'payloads, topics, keys, headers, delays, ttls, bodies and content_types must be plain arrays of one length',
      hint = 'Give null for an array that is not needed, or null for a single element.';
  end if;
  perform howdah.check_payload(m.payload, coalesce(octet_length(m.payload), octet_length(m.body)), max_payload, m.o)
  from unnest(payloads, bodies) with ordinality as m (payload, body, o)
  where num_nonnulls(m.payload, m.body) = 0 or octet_length(m.payload) > least(max_payload, 1024)
    or position('\u' in m.payload) > 0 or octet_length(m.body) > max_payload;

  if num_nonnulls(bodies, content_types) > 0 then
    select min(m.o) filter (where num_nonnulls(m.payload, m.body) > 1 or num_nonnulls(m.body, m.type) = 1
        or octet_length(m.type) > 255 or m.type !~ '^[!#$&^_.+A-Za-z0-9-]+/[!#$&^_.+A-Za-z0-9-]+( *;[ -~]*)?$')
    into v_bad
    from unnest(payloads, bodies, content_types) with ordinality as m (payload, body, type, o);
    if v_bad is not null then
      raise exception using errcode = '22023',
        message = format('content of message %s of %s is not valid', v_bad, v_count),
        hint = 'A message has a payload, which is JSON, or bytes and their content type, such as image/png.';
    end if;
  end if;

  if topics is not null then
    select min(m.o) into v_bad
    from (select t.topic, min(t.o) as o from unnest(topics) with ordinality as t (topic, o) group by t.topic) m
    where m.topic !~ '^[A-Za-z0-9_:-]+(\.[A-Za-z0-9_:-]+)*$' or octet_length(m.topic) > 255;
    if v_bad is not null then
      raise exception using errcode = '22023',
        message = format('topic of message %s of %s is not valid', v_bad, v_count),
        hint = 'A topic is at most 255 bytes of letters, digits, _ - and :, in segments separated by single dots.';
    end if;
  end if;

  if keys is not null then
    select min(m.o) into v_bad
    from unnest(keys) with ordinality as m (key, o)
    where octet_length(m.key) not between 1 and 255 or m.key ~ '[\x01-\x1f\x7f]';
    if v_bad is not null then
      raise exception using errcode = '22023',
        message = format('key of message %s of %s is not valid', v_bad, v_count),
        hint = 'A key is 1 to 255 bytes without control characters.';
    end if;
  end if;

  if headers is not null then
    select min(m.o) into v_bad
    from unnest(headers) with ordinality as m (headers, o)
    where octet_length(m.headers) > 16384 or position('\u0000' in replace(m.headers, '\\', '')) > 0
      or json_typeof(m.headers::json) <> 'object'
      or exists (select from json_each(m.headers::json) e where json_typeof(e.value) <> 'string');
    if v_bad is not null then
      raise exception using errcode = '22023',
        message = format('headers of message %s of %s are not valid', v_bad, v_count),
        hint = 'Headers are a JSON object of at most 16 kB whose values are texts.';
    end if;
    select min(m.o) into v_bad
    from unnest(headers, topics) with ordinality as m (headers, topic, o)
    where m.topic is null and (position('"type"' in m.headers) > 0 or position('\u' in m.headers) > 0)
      and (m.headers::json ->> 'type' !~ '^[A-Za-z0-9_:-]+(\.[A-Za-z0-9_:-]+)*$'
        or octet_length(m.headers::json ->> 'type') > 255);
    if v_bad is not null then
      raise exception using errcode = '22023',
        message = format('header "type" of message %s of %s is not a valid topic', v_bad, v_count),
        hint = 'Give a topic, or a type of at most 255 bytes of letters, digits, _ - and :, in segments separated by dots.';
    end if;
  end if;

  if delays is not null then
    select min(m.o) into v_bad
    from unnest(delays) with ordinality as m (delay, o)
    where m.delay not between '0' and '3660 days';
    if v_bad is not null then
      raise exception using errcode = '22023',
        message = format('delay of message %s of %s is not valid', v_bad, v_count),
        hint = 'A delay is between 0 and 10 years.';
    end if;
  end if;

  if ttls is not null then
    select min(m.o) into v_bad
    from unnest(ttls) with ordinality as m (ttl, o)
    where m.ttl not between '1 ms' and '3660 days';
    if v_bad is not null then
      raise exception using errcode = '22023',
        message = format('ttl of message %s of %s is not valid', v_bad, v_count),
        hint = 'A time to live is between 1 ms and 10 years; leave it out for a message that does not expire.';
    end if;
  end if;
end
$$;
