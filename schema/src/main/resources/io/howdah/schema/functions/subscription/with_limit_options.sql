-- A subscription with its limits changed, for with_options: how many messages may be in flight, how many may be handed out in
-- a period, whether one consumer at a time gets them. A row of nulls gets the defaults: no limit. The ordering is known
-- already: strict allows no more than one in flight. Raises 22023.
create or replace function howdah.with_limit_options(v_sub howdah.subscription, v_given jsonb) returns howdah.subscription
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  v_sub.single_active := coalesce(v_sub.single_active, false);
  if v_given ? 'concurrency' then
    v_sub.concurrency := howdah.option_limit('concurrency', v_given -> 'concurrency');
  end if;
  if v_sub.ordering = 'strict' and v_sub.concurrency > 1 then
    raise exception using errcode = '22023',
      message = format('concurrency cannot be %s where the ordering is strict', v_sub.concurrency),
      hint = 'In strict order one message after the other is handled: leave concurrency out, or create it with ordering key.';
  end if;
  if v_given ? 'rate' then
    v_sub.rate := howdah.option_limit('rate', v_given -> 'rate');
  end if;
  v_sub.rate_period := howdah.option_period('rate_period', v_given, v_sub.rate, v_sub.rate_period);
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
