-- The delays that make messages due at given times, for publish_many: where a time is given it counts, and one that is
-- past means now; else the delay, if any. In seconds, so that a day is 24 hours in every session's time zone. Raises 22023.
create or replace function howdah.delays_until(
  v_at timestamptz,
  v_count int,
  v_delays interval[],
  v_dues timestamptz[]
) returns interval[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bad bigint;
begin
  if array_ndims(v_dues) <> 1 or cardinality(v_dues) <> v_count or v_count <> coalesce(cardinality(v_delays), v_count) then
    raise exception using errcode = '22023',
      message = 'payloads, delays and dues must be plain arrays of one length',
      hint = 'Give null for an array that is not needed, or null for a single element.';
  end if;
  select min(m.o) into v_bad
  from unnest(v_dues, v_delays) with ordinality as m (due, delay, o)
  where m.due is not null and (m.delay is not null or not isfinite(m.due) or m.due > v_at + interval '10 years');
  if v_bad is not null then
    raise exception using errcode = '22023',
      message = format('due time of message %s of %s is not valid', v_bad, v_count),
      hint = 'A message has a delay or a due time, not both; a due time is at most 10 years ahead.';
  end if;
  return array(
    select case when m.due is null then m.delay
      else make_interval(secs => greatest(extract(epoch from m.due) - extract(epoch from v_at), 0)::float8) end
    from unnest(v_dues, v_delays) with ordinality as m (due, delay, o)
    order by m.o);
end
$$;
