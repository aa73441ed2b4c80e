-- The options of a subscription, all of them, as with_options takes them; times as ISO 8601.
create or replace function howdah.options_of(v_sub howdah.subscription) returns json
language sql stable
set search_path = pg_catalog, pg_temp
set intervalstyle = 'iso_8601'
as $$
  select json_strip_nulls(json_build_object(
    'max_attempts', coalesce(to_json(v_sub.max_attempts), '"infinite"'),
    'backoff', v_sub.backoff,
    'delay', case when v_sub.backoff = 'fixed' then v_sub.delays[1]::text end,
    'delays', case when v_sub.backoff = 'list' then to_json(v_sub.delays::text[]) end,
    'base', case when v_sub.backoff = 'exponential' then v_sub.delays[1]::text end,
    'cap', case when v_sub.backoff = 'exponential' then v_sub.delay_cap::text end,
    'jitter', case when v_sub.backoff <> 'none' then v_sub.jitter end,
    'after_last', v_sub.after_last,
    'ordering', v_sub.ordering,
    'blocking', v_sub.blocking,
    'archive_retention', coalesce(v_sub.archive_retention::text, 'infinite'),
    'after_expiry', v_sub.after_expiry,
    'concurrency', coalesce(to_json(v_sub.concurrency), '"infinite"'),
    'rate', coalesce(to_json(v_sub.rate), '"infinite"'),
    'rate_period', case when v_sub.rate is not null then v_sub.rate_period::text end,
    'single_active', v_sub.single_active,
    'key_concurrency', coalesce(to_json(v_sub.key_concurrency), '"infinite"'),
    'key_rate', coalesce(to_json(v_sub.key_rate), '"infinite"'),
    'key_rate_period', case when v_sub.key_rate is not null then v_sub.key_rate_period::text end,
    'expires_after', coalesce(v_sub.expires_after::text, 'never'),
    'partition', coalesce(v_sub.partition_no || ' of ' || v_sub.partition_count, 'all')))
$$;
