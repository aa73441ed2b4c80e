-- Has a message published again and again, at the times of a cron expression in a time zone (see next_fire), and returns
-- the next one. What has that name already gets this definition; if it is paused, it stays so and null is returned.
--
-- No daemon is needed: promote fires it, and claims promote. missed says what becomes of times at which nobody was there:
-- once (one message for all of them), all (one for each), skip (none for what is more than a minute past).
-- Raises HD404 for the stream, 22023 for a name, expression, zone, policy or message that cannot be.
create or replace function howdah.create_recurring(
  name text,
  stream text,
  cron text,
  payload json,
  zone text default 'UTC',
  topic text default null,
  key text default null,
  headers json default null,
  missed text default 'once'
) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream constant int := howdah.stream_id(create_recurring.stream);
  v_next timestamptz;
  v_recurring howdah.recurring;
  v_before howdah.recurring;
begin
  perform howdah.check_name('recurring message', create_recurring.name);
  if create_recurring.missed is null or create_recurring.missed not in ('skip', 'once', 'all') then
    raise exception using errcode = '22023',
      message = format('missed must be skip, once or all but was %s', coalesce(left(create_recurring.missed, 40), 'null')),
      hint = 'It says what becomes of times at which nobody was there to publish.';
  end if;
  perform howdah.check_messages(
    (select s.max_payload from howdah.stream s where s.id = v_stream), array[create_recurring.payload::text],
    array[create_recurring.topic], array[create_recurring.key], array[create_recurring.headers::text], null);
  v_next := howdah.next_fire(create_recurring.cron, create_recurring.zone);
  if v_next is null then
    raise exception using errcode = '22023',
      message = format('"%s" never comes', create_recurring.cron),
      hint = 'There is no such day in any year.';
  end if;

  select r.* into v_before from howdah.recurring r where r.name = create_recurring.name for update;
  insert into howdah.recurring as r (name, stream, cron, zone, missed, topic, key, headers, payload)
  values (create_recurring.name, v_stream, create_recurring.cron, create_recurring.zone, create_recurring.missed,
    create_recurring.topic, create_recurring.key, create_recurring.headers, create_recurring.payload)
  on conflict (name) do update
  set stream = excluded.stream, cron = excluded.cron, zone = excluded.zone, missed = excluded.missed,
    topic = excluded.topic, key = excluded.key, headers = excluded.headers, payload = excluded.payload, error = null
  returning r.* into v_recurring;
  if v_recurring.paused then
    return null;
  end if;
  if v_before.cron = v_recurring.cron and v_before.zone = v_recurring.zone and v_before.stream = v_recurring.stream then
    select d.due into v_next from howdah.due d where d.recurring = v_recurring.id;
    if found then
      return v_next; -- what is due, or was missed, stays so
    end if;
  end if;
  return howdah.schedule_recurring(v_recurring, v_next);
end
$$;
