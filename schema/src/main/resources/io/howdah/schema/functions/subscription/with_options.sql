-- A subscription with options changed; it is not stored. The one place that knows which options there are; the functions
-- that it calls know their defaults (which a row of nulls gets), and what fits what.
-- Raises 22023 for an unknown option, a value that cannot be, or options that contradict each other.
create or replace function howdah.with_options(v_sub howdah.subscription, v_options json) returns howdah.subscription
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_names constant text[] := '{max_attempts, backoff, delay, delays, base, cap, jitter, after_last, archive_retention,
    ordering, blocking, after_expiry, concurrency, rate, rate_period, single_active, key_concurrency, key_rate, key_rate_period,
    expires_after, partition}';
  v_given constant jsonb := coalesce(v_options, '{}');
  v_bad text;
begin
  if jsonb_typeof(v_given) <> 'object' then
    raise exception using errcode = '22023', message = 'options must be a JSON object',
      hint = 'For example {"max_attempts": 5, "backoff": "fixed", "delay": "10 s"}.';
  end if;
  select k into v_bad
  from jsonb_object_keys(v_given) k
  where k <> all (v_names)
  order by k limit 1;
  if found then
    raise exception using errcode = '22023', message = format('there is no option "%s"', left(v_bad, 80)),
      hint = format('Options are %s.', array_to_string(v_names, ', '));
  end if;

  v_sub := howdah.with_order_options(howdah.with_retry_options(v_sub, v_given), v_given);
  v_sub := howdah.with_key_options(howdah.with_limit_options(v_sub, v_given), v_given);
  v_sub := howdah.with_partition_options(v_sub, v_given);
  if v_given ? 'archive_retention' then
    v_sub.archive_retention := case
      when v_given -> 'archive_retention' <> '"infinite"'
        then howdah.option_interval('archive_retention', v_given -> 'archive_retention', '1 s')
    end;
  end if;
  if v_given ? 'expires_after' then
    v_sub.expires_after := case
      when v_given -> 'expires_after' <> '"never"'
        then howdah.option_interval('expires_after', v_given -> 'expires_after', '1 s')
    end;
  end if;
  v_sub.after_expiry := coalesce(v_sub.after_expiry, 'discard');
  if v_given ? 'after_expiry' then
    v_sub.after_expiry := v_given ->> 'after_expiry';
    if v_sub.after_expiry is null or v_sub.after_expiry not in ('discard', 'dead_letter') then
      raise exception using errcode = '22023',
        message = format('after_expiry must be discard or dead_letter but was %s', left((v_given -> 'after_expiry')::text, 80)),
        hint = 'It says what becomes of a message whose time to live is over before it could be handed out.';
    end if;
  end if;
  return v_sub;
end
$$;
