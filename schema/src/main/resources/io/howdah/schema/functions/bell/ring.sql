-- Rings the consumers that sleep on these streams or subscriptions: one NOTIFY on channel howdah that lists the ids of their
-- subscriptions, none if nobody sleeps. Returns how many subscriptions have a sleeper. To be called after the publish
-- has been committed and in a transaction of its own: a NOTIFY takes a lock on the whole instance at commit and cannot
-- be prepared, so it has no place inside of a publisher's transaction.
create or replace function howdah.ring(streams text[]) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_subs int[];
begin
  v_subs := array(
    select b.id
    from (
      select b.id from howdah.stream s join howdah.subscription b on b.stream = s.id where s.name = any (streams)
      union
      select b.id from howdah.subscription b where b.name = any (streams)
    ) b
    where exists (select from howdah.sleeper l where l.sub = b.id and l.until > howdah.now())
    order by b.id
    limit 500);
  if cardinality(v_subs) > 0 then
    perform pg_notify('howdah', array_to_string(v_subs, ','));
  end if;
  return cardinality(v_subs);
end
$$;
