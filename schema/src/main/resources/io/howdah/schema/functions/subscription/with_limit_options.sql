-- A subscription with its limits changed, for with_options: how many messages may be in flight, how many may be handed out in
-- a period, whether one consumer at a time gets them. A row of nulls gets the defaults: no limit. Raises 22023.
create or replace function howdah.with_limit_options(v_sub howdah.subscription, v_given jsonb) returns howdah.subscription
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  v_sub.rate_period := coalesce(v_sub.rate_period, '1 s');
  v_sub.single_active := coalesce(v_sub.single_active, false);
  if v_given ? 'concurrency' then
    v_sub.concurrency := howdah.option_limit('concurrency', v_given -> 'concurrency');
  end if;
  if v_given ? 'rate' then
    v_sub.rate := howdah.option_limit('rate', v_given -> 'rate');
    v_sub.rate_period := case when v_sub.rate is null then '1 s' else v_sub.rate_period end;
  end if;
  if v_given ? 'rate_period' then
    v_sub.rate_period := howdah.option_interval('rate_period', v_given -> 'rate_period', '1 s');
    if v_sub.rate_period > '1 day' then
      raise exception using errcode = '22023',
        message = format('rate_period must be at most 1 day but was %s', v_sub.rate_period),
        hint = 'Choose a shorter period and a lower rate.';
    elsif v_sub.rate is null then
      raise exception using errcode = '22023', message = 'rate_period needs a rate',
        hint = 'For example {"rate": 100, "rate_period": "1 min"}.';
    end if;
  end if;
  if v_given ? 'single_active' then
    if jsonb_typeof(v_given -> 'single_active') <> 'boolean' then
      raise exception using errcode = '22023',
        message = format('single_active must be true or false but was %s', left((v_given -> 'single_active')::text, 80)),
        hint = 'With true, one consumer at a time gets the messages, and another takes over when it is gone.';
    end if;
    v_sub.single_active := (v_given -> 'single_active')::boolean;
  end if;
  return v_sub;
end
$$;
