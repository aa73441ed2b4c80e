-- Says that a process sleeps and wants to be rung when there is something for a subscription; returns the id that the
-- bell names. The mark lasts for `ttl`. Look once more after it has been committed: who publishes after that rings.
-- Marks that others are renewing are left alone: waiting for one another would be a deadlock. Raises HD404, 22023.
create or replace function howdah.mark_sleeping(subscription text, process uuid, ttl interval) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub int;
begin
  if process is null or ttl is null or ttl not between '0' and '1 day' then
    raise exception using errcode = '22023', message = 'a sleeping mark needs a process and a ttl of at most 1 day',
      hint = 'Renew the mark before it ends.';
  end if;
  select s.id into v_sub from howdah.subscription s where s.name = mark_sleeping.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', mark_sleeping.subscription);
  end if;
  insert into howdah.sleeper (sub, process, until) values (v_sub, process, howdah.now() + ttl)
  on conflict (sub, process) do update set until = excluded.until;
  delete from howdah.sleeper s
  using (
    select l.sub, l.process from howdah.sleeper l where l.sub = v_sub and l.until < howdah.now() for update skip locked
  ) gone
  where s.sub = gone.sub and s.process = gone.process;
  return v_sub;
end
$$;
