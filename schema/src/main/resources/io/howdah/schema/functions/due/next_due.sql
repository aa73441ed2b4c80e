-- When the next scheduled message of a subscription falls due (a delay of its stream, one of its retries, or a key that
-- waits for one, or for its rate); null if nothing is scheduled. A consumer sleeps until then. Raises HD404.
create or replace function howdah.next_due(subscription text) returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_sub howdah.subscription;
begin
  select s.* into v_sub from howdah.subscription s where s.name = next_due.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', next_due.subscription);
  end if;
  return least(
    (select min(d.due) from howdah.due d
      where d.stream = v_sub.stream and (not v_sub.filtered or howdah.takes(v_sub, d.topic, d.key, d.id))),
    (select min(d.due) from howdah.due d where d.stream = v_sub.return_stream),
    (select min(b.due) from howdah.blocked b
      where b.sub = v_sub.id and b.due > howdah.now() and b.due < 'infinity'),
    (select min(l.since) from howdah.lane l where v_sub.key_rate is not null and l.sub = v_sub.id and l.since > howdah.now()));
end
$$;
