-- Drops a queue, or one that is bound to a stream; false if there is none. Raises HD409 if it holds messages or other
-- subscriptions read it, unless `force` gives them up.
create or replace function howdah.drop_queue(name text, force boolean default false) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform howdah.require_read_committed('drop_queue');
  if exists (
    select from howdah.subscription s join howdah.stream t on t.id = s.stream
    where s.name = drop_queue.name and s.kind = 'queue' and t.name <> s.name)
  then
    return howdah.drop_subscription(drop_queue.name, drop_queue.force);
  end if;
  if not exists (select from howdah.stream s where s.name = drop_queue.name and s.kind = 'queue') then
    return false;
  end if;
  perform howdah.drop_subscription(drop_queue.name, drop_queue.force);
  return howdah.drop_stream(drop_queue.name, drop_queue.force);
end
$$;
