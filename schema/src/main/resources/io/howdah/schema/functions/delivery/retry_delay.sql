-- How long a message waits that has failed so often (from 1): as the subscription's options say, with their jitter; a job
-- as create_job says. The only place that knows the formulas.
create or replace function howdah.retry_delay(v_sub howdah.subscription, v_failures int, v_headers json) returns interval
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select make_interval(secs => case
    when v_sub.ordering = 'job' and howdah.job_number(v_headers, 'howdah.max-backoff') is not null
      then least(howdah.job_number(v_headers, 'howdah.max-backoff') / 1e3::float8,
        (1 + 0.1 * (2 * random() - 1)) * (2 ^ least(v_failures - 1, 60) + 1))
    else (1 + v_sub.jitter * (2 * random() - 1)) * case v_sub.backoff
      when 'exponential' then least(extract(epoch from v_sub.delay_cap)::float8,
        extract(epoch from v_sub.delays[1])::float8 * 2 ^ least(v_failures - 1, 60))
      else extract(epoch from v_sub.delays[least(v_failures, cardinality(v_sub.delays))])::float8
    end
  end)
$$;
