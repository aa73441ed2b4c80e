-- Drops subscriptions that nobody has used for as long as after which they expire, with what they hold, and tells so: here,
-- and in expired_subscriptions(). A queue goes with its stream, unless that has other readers: then it stays. Those that
-- are being claimed now are left alone.
create or replace function howdah.expire_subscriptions() returns table (action text, detail text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription;
  v_stream howdah.stream;
  v_lost bigint;
begin
  delete from howdah.expired e where e.at < howdah.now() - interval '30 days';
  for v_sub in
    select s.* from howdah.subscription s join howdah.activity a on a.sub = s.id
    where s.expires_after is not null and a.at < howdah.now() - s.expires_after
  loop
    select s.* into v_sub from howdah.subscription s where s.id = v_sub.id for update skip locked;
    continue when not found;
    continue when not howdah.is_inactive(v_sub);
    select s.* into strict v_stream from howdah.stream s where s.id = v_sub.stream;
    if v_stream.name = v_sub.name then
      continue when exists (select from howdah.subscription s where s.stream = v_sub.stream and s.id <> v_sub.id);
    end if;
    select s.ready + s.in_flight + s.scheduled + s.dead into v_lost from howdah.stats(v_sub.name) s;
    insert into howdah.expired (name, stream, expires_after, at, lost)
    values (v_sub.name, v_stream.name, v_sub.expires_after, howdah.now(), v_lost);
    if v_stream.name = v_sub.name then
      perform howdah.drop_queue(v_sub.name, true);
    else
      perform howdah.drop_subscription(v_sub.name, true);
    end if;
    return query select 'expired', format('subscription %s, which nobody has used for %s, with %s message(s)', v_sub.name,
      v_sub.expires_after, v_lost);
  end loop;
end
$$;
