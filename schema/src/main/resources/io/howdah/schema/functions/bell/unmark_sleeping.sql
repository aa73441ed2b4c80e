-- Takes a sleeping mark back.
create or replace function howdah.unmark_sleeping(subscription text, process uuid) returns void
language sql volatile
as $$
  delete from howdah.sleeper s
  where s.process = unmark_sleeping.process
    and s.sub = (select b.id from howdah.subscription b where b.name = unmark_sleeping.subscription)
$$;
