-- A subscription with the limits of its keys changed, for with_options: how many messages of one key may be in flight, and how
-- many handed out in a period. A row of nulls gets the defaults: no limit. Where there is an order, one message of a key is in
-- flight anyway, and of a strict one all messages are one key. Raises 22023.
create or replace function howdah.with_key_options(v_sub howdah.subscription, v_given jsonb) returns howdah.subscription
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_given ? 'key_concurrency' then
    v_sub.key_concurrency := howdah.option_limit('key_concurrency', v_given -> 'key_concurrency');
  end if;
  if v_given ? 'key_rate' then
    v_sub.key_rate := howdah.option_limit('key_rate', v_given -> 'key_rate');
  end if;
  v_sub.key_rate_period := howdah.option_period('key_rate_period', v_given, v_sub.key_rate, v_sub.key_rate_period);
  if v_sub.key_concurrency > 1 and v_sub.ordering <> 'none' then
    raise exception using errcode = '22023',
      message = format('key_concurrency %s contradicts ordering %s', v_sub.key_concurrency, v_sub.ordering),
      hint = 'Where there is an order, one message of a key is in flight at a time. Leave one of the two out.';
  elsif v_sub.key_rate is not null and v_sub.ordering = 'strict' then
    raise exception using errcode = '22023', message = 'key_rate contradicts ordering strict',
      hint = 'There all messages are handed out one after the other, whatever their keys. Use rate.';
  end if;
  return v_sub;
end
$$;
