-- Creates a durable reader of a stream and returns its id; an existing one of that name on that stream stays as it is, but
-- that it expires no sooner than asked for here; other options have to be as they are given, alter_subscription
-- changes them.
--
-- It starts with what is committed from now on (a message whose transaction is still running belongs to it), or, by
-- start => 'beginning', with what the stream still has, or with what was published at start_time or later, or with the
-- message at start_position. The start is a first slice without messages, because the newest slice is where a
-- subscription's cursor is. The duty row keeps rotation away meanwhile, which would not see this subscription.
-- Raises HD404 for an unknown stream, HD409 if the name is another stream's subscription or has
-- other options, HD416 for a start that is gone,
-- 22023, 0A000.
create or replace function howdah.create_subscription(
  name text,
  stream text,
  start text default null,
  options json default null,
  start_time timestamptz default null,
  start_position bigint default null
) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream int;
  v_sub howdah.subscription;
  v_new constant howdah.subscription := howdah.with_options(null, create_subscription.options);
  v_position bigint;
begin
  perform howdah.require_read_committed('create_subscription');
  perform howdah.check_name('subscription', create_subscription.name);
  select s.id into v_stream from howdah.stream s where s.name = create_subscription.stream and s.kind <> 'return';
  if not found then
    perform howdah.fail_unknown('stream', create_subscription.stream);
  end if;

  select s.* into v_sub from howdah.subscription s where s.name = create_subscription.name;
  if found then
    return howdah.join_subscription(v_sub, v_stream, v_new, create_subscription.options);
  end if;
  perform from howdah.duty d where d.name = 'rotate' for share;
  perform from howdah.stream s where s.id = v_stream for no key update;
  if not found then
    perform howdah.fail_unknown('stream', create_subscription.stream);
  end if;
  select s.* into v_sub from howdah.subscription s where s.name = create_subscription.name;
  if found then
    return howdah.join_subscription(v_sub, v_stream, v_new, create_subscription.options);
  end if;

  v_position := howdah.start_cursor(v_stream, create_subscription.start, create_subscription.start_time,
    create_subscription.start_position);
  insert into howdah.stream (name, kind) values ('~' || create_subscription.name, 'return') returning id
  into v_sub.return_stream;
  insert into howdah.subscription (name, stream, return_stream, max_attempts, backoff, delays, delay_cap, jitter, after_last,
    archive_retention, ordering, blocking, after_expiry, concurrency, rate, rate_period, single_active, expires_after,
    partition_no, partition_count, filtered, key_concurrency, key_rate, key_rate_period, keyed)
  values (create_subscription.name, v_stream, v_sub.return_stream, v_new.max_attempts, v_new.backoff, v_new.delays,
    v_new.delay_cap, v_new.jitter, v_new.after_last, v_new.archive_retention,
    v_new.ordering, v_new.blocking, v_new.after_expiry, v_new.concurrency, v_new.rate, v_new.rate_period,
    v_new.single_active, v_new.expires_after, v_new.partition_no, v_new.partition_count, v_new.partition_count is not null,
    v_new.key_concurrency, v_new.key_rate, v_new.key_rate_period, howdah.is_keyed(v_new))
  returning * into v_sub;
  insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, token, deadline,
    at, reaped_at)
  values (howdah.current_segment(), 0, v_sub.id, 1, v_position, 0, 1, v_stream, v_position + 1, v_position, 0, 0,
    'infinity', howdah.now(), howdah.now());
  perform howdah.begin_activity(v_sub);
  return v_sub.id;
end
$$;
