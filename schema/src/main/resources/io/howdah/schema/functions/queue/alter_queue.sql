-- Changes options of a queue: those of its own subscription. Raises HD404 if there is no queue of this name, 22023.
create or replace function howdah.alter_queue(name text, options json) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not exists (select from howdah.subscription s where s.name = alter_queue.name and s.kind = 'queue') then
    perform howdah.fail_unknown('queue', alter_queue.name);
  end if;
  perform howdah.alter_subscription(alter_queue.name, alter_queue.options);
end
$$;
