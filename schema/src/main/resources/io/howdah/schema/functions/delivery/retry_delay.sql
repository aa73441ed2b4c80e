-- How long a message waits that has failed so often (from 1): as the subscription's options say, with their jitter. The
-- only place that knows the formula.
create or replace function howdah.retry_delay(v_sub howdah.subscription, v_failures int) returns interval
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select make_interval(secs => (1 + v_sub.jitter * (2 * random() - 1)) * case v_sub.backoff
    when 'exponential' then least(extract(epoch from v_sub.delay_cap)::float8,
      extract(epoch from v_sub.delays[1])::float8 * 2 ^ least(v_failures - 1, 60))
    else extract(epoch from v_sub.delays[least(v_failures, cardinality(v_sub.delays))])::float8
  end)
$$;
