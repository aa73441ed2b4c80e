-- A stream with its options about messages that no subscription takes changed, for with_stream_options: they are kept in the
-- stream, refused, dropped and counted, or parked in a queue. Raises 22023, HD404.
create or replace function howdah.with_unroutable_options(v_stream howdah.stream, v_given jsonb) returns howdah.stream
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bad text;
begin
  if v_given ? 'unroutable' then
    v_stream.unroutable := v_given ->> 'unroutable';
    if v_stream.unroutable is null or v_stream.unroutable not in ('keep', 'error', 'drop', 'park') then
      v_bad := format('unroutable must be keep, error, drop or park but was %s', left((v_given -> 'unroutable')::text, 80));
    elsif v_stream.unroutable <> 'park' then
      v_stream.park_in := null;
    end if;
  end if;
  if v_bad is null and v_given ? 'park_in' then
    if jsonb_typeof(v_given -> 'park_in') <> 'string' or v_stream.unroutable <> 'park' then
      v_bad := 'park_in is the name of a queue, and belongs to unroutable park';
    else
      v_stream.park_in := howdah.stream_id(v_given ->> 'park_in');
    end if;
  end if;
  if v_bad is null and v_stream.unroutable = 'park' and v_stream.park_in is null then
    v_bad := 'unroutable park needs park_in, the queue for what nobody takes';
  elsif v_bad is null and v_stream.park_in = v_stream.id then
    v_bad := 'a stream cannot park in itself';
  end if;
  if v_bad is not null then
    raise exception using errcode = '22023', message = v_bad,
      hint = 'For example {"unroutable": "drop"} or {"unroutable": "park", "park_in": "lost"}.';
  end if;
  return v_stream;
end
$$;
