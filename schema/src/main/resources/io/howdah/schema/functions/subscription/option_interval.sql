-- The value of an option that is a time: text that PostgreSQL reads as an interval, from v_least to 10 years, as seconds
-- (so that a month is 30 days here and everywhere). Raises 22023.
create or replace function howdah.option_interval(v_name text, v_value jsonb, v_least interval) returns interval
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_time interval;
begin
  begin
    v_time := case when jsonb_typeof(v_value) = 'string'
      then make_interval(secs => extract(epoch from (v_value #>> '{}')::interval)::float8) end;
  exception
    when data_exception then
      v_time := null;
  end;
  if v_time is null or v_time not between v_least and '3653 days' then
    raise exception using errcode = '22023',
      message = format('%s must be a time between %s and 10 years but was %s', v_name, v_least, left(v_value::text, 80)),
      hint = 'Give it as text, for example "5 s" or "2 hours".';
  end if;
  return v_time;
end
$$;
