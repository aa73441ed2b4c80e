-- Removes what waits in a queue or subscription: what is ready, and its scheduled retries; for a queue with a stream of its
-- own that nobody else reads, delayed messages, too. With a topic pattern or a key only what matches both. What is in
-- flight stays with its consumers. Returns how many; with dry_run it only counts, and
-- locks nothing.
--
-- Nothing is deleted from the log. Without a filter the cursors move on. With one, a row in `purged` says what claims
-- have to leave out up to the position of now. Messages are counted before the lock is taken, and what was claimed
-- meanwhile is taken off, so consumers wait for a moment only, and publishers not at all.
-- Raises HD404, 22023, 0A000.
create or replace function howdah.purge(
  subscription text,
  topic text default null,
  key text default null,
  dry_run boolean default false
) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_expression text;
  v_all constant boolean := purge.topic is null and purge.key is null;
  v_sub howdah.subscription;
  v_head howdah.slice;
  v_source bigint;
  v_return bigint;
  v_from howdah.slice;
  v_count bigint;
begin
  perform howdah.require_read_committed('purge');
  if purge.topic is not null then
    perform howdah.check_pattern(purge.topic);
    v_expression := howdah.pattern_expression(array[purge.topic]);
  end if;
  select s.* into v_sub from howdah.subscription s where s.name = purge.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', purge.subscription);
  end if;
  if purge.dry_run then
    return howdah.count_purge(v_sub, v_expression, purge.key);
  end if;
  v_source := (select t.first + t.n - 1 from howdah.sequence_stream(v_sub.stream) t);
  v_return := (select t.first + t.n - 1 from howdah.sequence_stream(v_sub.return_stream) t);
  if num_nulls(v_source, v_return) > 0 then
    raise exception using errcode = '55P03', message = format('"%s" is being sequenced by another session', v_sub.name),
      hint = 'Try again; look for a session that is idle in transaction after a claim.';
  end if;
  v_from := howdah.newest_slice(v_sub.id);
  v_count := howdah.count_purgeable(v_sub, v_sub.stream, v_from.source_at + 1, v_source, v_expression, purge.key)
    + howdah.count_purgeable(v_sub, v_sub.return_stream, v_from.return_at + 1, v_return, v_expression, purge.key);

  v_sub := howdah.lock_subscription(purge.subscription, 'purge');
  v_head := howdah.newest_slice(v_sub.id);
  v_count := v_count
    - howdah.count_purgeable(v_sub, v_sub.stream, v_from.source_at + 1, least(v_head.source_at, v_source), v_expression,
      purge.key)
    - howdah.count_purgeable(v_sub, v_sub.return_stream, v_from.return_at + 1, least(v_head.return_at, v_return),
      v_expression, purge.key)
    + howdah.purge_free(v_sub, v_head, v_expression, purge.key, false)
    + howdah.purge_due(v_sub, v_expression, purge.key, false)
    + howdah.purge_parked(v_sub, v_expression, purge.key, false);
  if v_all then
    perform howdah.move_cursor(v_head, greatest(v_head.source_at, v_source), greatest(v_head.return_at, v_return));
  else
    insert into howdah.purged (sub, src, upto, expression, key)
    values (v_sub.id, v_sub.stream, v_source, v_expression, purge.key),
      (v_sub.id, v_sub.return_stream, v_return, v_expression, purge.key);
    update howdah.subscription s set filtered = true where s.id = v_sub.id and not s.filtered;
  end if;
  return v_count;
end
$$;
