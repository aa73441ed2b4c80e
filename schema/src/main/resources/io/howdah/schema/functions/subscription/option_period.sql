-- The period of a rate, for with_options: the option v_name if it is given, else as it is; 1 s for a rate that is new or
-- "infinite". Raises 22023, also for a period without a rate.
create or replace function howdah.option_period(v_name text, v_given jsonb, v_rate int, v_period interval) returns interval
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not v_given ? v_name then
    return case when v_rate is null then '1 s' else coalesce(v_period, '1 s') end;
  end if;
  v_period := howdah.option_interval(v_name, v_given -> v_name, '1 s');
  if v_period > '1 day' then
    raise exception using errcode = '22023', message = format('%s must be at most 1 day but was %s', v_name, v_period),
      hint = 'Choose a shorter period and a lower rate.';
  elsif v_rate is null then
    raise exception using errcode = '22023', message = format('%s needs a %s', v_name, replace(v_name, '_period', '')),
      hint = format('For example {"%s": 100, "%s": "1 min"}.', replace(v_name, '_period', ''), v_name);
  end if;
  return v_period;
end
$$;
