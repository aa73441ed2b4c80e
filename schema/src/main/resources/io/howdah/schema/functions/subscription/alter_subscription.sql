-- Changes options of a subscription, also of a queue's own one; those that are not named stay as they are. Holds for
-- every failure that is settled and every claim that is made afterwards; other limits wake the consumers (a NOTIFY, so not in
-- a transaction that is to be prepared). Waits for a claim that is under way. Raises HD404, 22023 (see with_options).
create or replace function howdah.alter_subscription(name text, options json) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription;
begin
  if alter_subscription.options is null then
    raise exception using errcode = '22023', message = 'options must be a JSON object but was null',
      hint = 'Name what is to change, for example {"max_attempts": 5}.';
  end if;
  select s.* into v_sub from howdah.subscription s where s.name = alter_subscription.name for no key update;
  if not found then
    perform howdah.fail_unknown('subscription', alter_subscription.name);
  end if;
  v_sub := howdah.with_options(v_sub, alter_subscription.options);
  update howdah.subscription s
  set max_attempts = v_sub.max_attempts, backoff = v_sub.backoff, delays = v_sub.delays, delay_cap = v_sub.delay_cap,
    jitter = v_sub.jitter, after_last = v_sub.after_last, blocking = v_sub.blocking,
    archive_retention = v_sub.archive_retention, after_expiry = v_sub.after_expiry, concurrency = v_sub.concurrency,
    rate = v_sub.rate, rate_period = v_sub.rate_period, single_active = v_sub.single_active,
    expires_after = v_sub.expires_after, partition_no = v_sub.partition_no, partition_count = v_sub.partition_count,
    filtered = s.filtered or v_sub.partition_count is not null, key_concurrency = v_sub.key_concurrency,
    key_rate = v_sub.key_rate, key_rate_period = v_sub.key_rate_period, keyed = howdah.is_keyed(v_sub)
  where s.id = v_sub.id;
  perform howdah.begin_activity(v_sub);
  if alter_subscription.options::jsonb ?| '{key_rate,key_rate_period}' then
    update howdah.lane l set since = howdah.now() where l.sub = v_sub.id and l.since > howdah.now();
  end if;
  if alter_subscription.options::jsonb
      ?| '{concurrency,rate,rate_period,single_active,key_concurrency,key_rate,key_rate_period}' then
    perform howdah.wake(v_sub.name);
  end if;
end
$$;
