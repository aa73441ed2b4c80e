-- A stream with options changed; it is not stored. A row of nulls gets the defaults, some of them as configured. The one
-- place that knows their values; stream_option_names lists them. Raises 22023 for an unknown option, a value that cannot
-- be, or options that contradict each other; HD404 for a queue to park in that does not exist.
create or replace function howdah.with_stream_options(v_stream howdah.stream, v_options json) returns howdah.stream
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_given constant jsonb := coalesce(v_options, '{}');
  v_value jsonb;
  v_bad text;
begin
  if jsonb_typeof(v_given) <> 'object' then
    raise exception using errcode = '22023', message = 'options must be a JSON object',
      hint = 'For example {"ttl": "1 hour", "unroutable": "error"}.';
  end if;
  select k into v_bad
  from jsonb_object_keys(v_given) k
  where k <> all (howdah.stream_option_names())
  order by k limit 1;
  if found then
    raise exception using errcode = '22023', message = format('a stream has no option "%s"', left(v_bad, 80)),
      hint = format('Options are %s.', array_to_string(howdah.stream_option_names(), ', '));
  end if;

  v_stream.retention := coalesce(v_stream.retention, '0');
  v_stream.once_window := coalesce(v_stream.once_window,
    make_interval(secs => extract(epoch from howdah.setting_of('once_window')::interval)::float8));
  v_stream.max_payload := coalesce(v_stream.max_payload, pg_size_bytes(howdah.setting_of('max_payload')));
  v_stream.unroutable := coalesce(v_stream.unroutable, 'keep');
  if v_given ? 'retention' then
    v_stream.retention := howdah.option_interval('retention', v_given -> 'retention', '0');
  end if;
  if v_given ? 'once_window' then
    v_stream.once_window := howdah.option_interval('once_window', v_given -> 'once_window', '1 ms');
    if v_stream.once_window > '30 days' then
      v_bad := 'once_window must be at most 30 days';
    end if;
  end if;
  if v_given ? 'max_payload' then
    v_value := v_given -> 'max_payload';
    if jsonb_typeof(v_value) = 'number' and v_value::numeric between 1 and 268435456 and v_value::numeric % 1 = 0 then
      v_stream.max_payload := v_value::int;
    else
      v_bad := format('max_payload must be a whole number of bytes up to 268435456 but was %s', left(v_value::text, 80));
    end if;
  end if;
  if v_given ? 'ttl' then
    v_stream.ttl := case when v_given -> 'ttl' <> '"infinite"' then howdah.option_interval('ttl', v_given -> 'ttl', '1 ms') end;
  end if;
  if v_given ? 'headers' then
    perform howdah.check_messages(1024, array['1'], null, null, array[left((v_given -> 'headers')::text, 16385)], null);
    v_stream.headers := nullif(v_given -> 'headers', '{}');
  end if;
  if v_bad is not null then
    raise exception using errcode = '22023', message = v_bad, hint = 'The other options are as they were.';
  end if;
  return howdah.with_unroutable_options(v_stream, v_given);
end
$$;
