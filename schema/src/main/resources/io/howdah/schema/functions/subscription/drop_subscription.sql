-- Drops a subscription with its cursor, retries and dead letters; false if there is none. Raises HD409 if it holds
-- messages (ready, in flight, scheduled, dead or archived), or a stream parks in it, unless `force` gives that up.
create or replace function howdah.drop_subscription(name text, force boolean default false) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription;
  v_held bigint;
begin
  perform howdah.require_read_committed('drop_subscription');
  select s.* into v_sub from howdah.subscription s where s.name = drop_subscription.name for update;
  if not found then
    return false;
  end if;
  if not drop_subscription.force then
    select s.ready + s.in_flight + s.scheduled + s.dead + s.blocked + (select count(*) from howdah.archive a
      where a.sub = v_sub.id)
    into v_held
    from howdah.stats(v_sub.name) s;
    if v_held > 0 then
      raise exception using errcode = 'HD409',
        message = format('subscription "%s" still holds %s message(s)', v_sub.name, v_held),
        hint = 'Settle them first, or drop it with force => true; they are lost then.';
    end if;
  end if;
  perform howdah.stop_parking(v_sub.return_stream, v_sub.name, drop_subscription.force);
  delete from howdah.due d where d.stream = v_sub.return_stream;
  delete from howdah.dead_letter d where d.sub = v_sub.id;
  delete from howdah.archive a where a.sub = v_sub.id;
  delete from howdah.once o where o.stream = v_sub.return_stream;
  delete from howdah.tally t where t.sub = v_sub.id;
  delete from howdah.parked p where p.sub = v_sub.id;
  delete from howdah.lane l where l.sub = v_sub.id;
  delete from howdah.blocked b where b.sub = v_sub.id;
  delete from howdah.held h where h.sub = v_sub.id;
  delete from howdah.handed h where h.sub = v_sub.id;
  delete from howdah.started_late l where l.sub = v_sub.id;
  delete from howdah.sleeper s where s.sub = v_sub.id;
  delete from howdah.subscription s where s.id = v_sub.id;
  delete from howdah.stream s where s.id = v_sub.return_stream;
  return true;
end
$$;
