-- Publishes what recurs and is due, in the transaction that gives it its next time: the lock on its row in due makes one
-- session the only firer, and a rollback undoes both. Returns how many messages it published.
--
-- What was missed because nobody promoted: `once` publishes one message and goes on from now, `all` one for each time (100
-- a call, the rest with the next one), `skip` none when the time is more than a minute past. One that is just being
-- changed is left for the next call. One that cannot be published is told in `error`, counted in `failed`, and holds up
-- nobody: it is tried again each minute and keeps its time, which is what `published_at` says; with `skip` until its next
-- time, which then takes its place.
create or replace function howdah.fire_recurring(v_now timestamptz) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_due record;
  v_recurring howdah.recurring;
  v_times timestamptz[];
  v_next timestamptz;
  v_retry timestamptz;
  v_error text;
  v_fired int := 0;
begin
  for v_due in
    select d.due, d.recurring, d.published_at as fire from howdah.due d
    where d.recurring is not null and d.due <= v_now
    order by d.due
    limit 1000
    for update skip locked
  loop
    select r.* into v_recurring from howdah.recurring r where r.id = v_due.recurring for no key update skip locked;
    continue when not found;
    v_times := array[v_due.fire];
    v_next := v_due.fire;
    v_retry := null;
    v_error := null;
    begin
      if v_recurring.missed = 'all' then
        loop
          v_next := howdah.next_fire(v_recurring.cron, v_recurring.zone, v_next);
          exit when v_next is null or v_next > v_now or cardinality(v_times) >= 100;
          v_times := v_times || v_next;
        end loop;
      else
        v_next := howdah.next_fire(v_recurring.cron, v_recurring.zone, v_now);
        if v_recurring.missed = 'skip' and v_due.due < v_now - interval '1 min' then
          v_times := '{}';
        end if;
      end if;
      perform howdah.publish_recurring(v_recurring, v_times);
      v_fired := v_fired + cardinality(v_times);
    exception when others then
      v_error := format('%s: %s', sqlstate, sqlerrm);
      v_times := '{}';
      v_retry := v_now + interval '1 min';
      if v_recurring.missed <> 'skip' or v_next is null or v_next <= v_due.fire or v_next > v_retry then
        v_next := v_due.fire;
      else
        v_retry := v_next;
      end if;
    end;
    update howdah.recurring r
    set fired = r.fired + cardinality(v_times), fired_at = coalesce(v_times[cardinality(v_times)], r.fired_at), error = v_error,
      failed = r.failed + (v_error is not null)::int
    where r.id = v_recurring.id;
    v_next := coalesce(v_next, v_now + interval '10 years');
    update howdah.due d set due = coalesce(v_retry, v_next), published_at = v_next where d.recurring = v_recurring.id;
  end loop;
  return v_fired;
end
$$;
