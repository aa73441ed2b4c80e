-- Creates a queue: a stream and one subscription of the same name; returns the subscription's id. An existing queue
-- stays as it is, its options too, also one that is bound to another stream. Options are those of both. Raises 22023 for a
-- bad name or bad options, HD409 if the name belongs to a stream or to another subscription.
create or replace function howdah.create_queue(name text, options json default null) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub int;
begin
  perform howdah.require_read_committed('create_queue');
  select s.id into v_sub from howdah.subscription s where s.name = create_queue.name and s.kind = 'queue';
  if found then
    return v_sub;
  end if;
  perform howdah.add_stream(create_queue.name, 'queue', '0', howdah.own_options(create_queue.options, true));
  v_sub := howdah.create_subscription(create_queue.name, create_queue.name, 'beginning',
    howdah.own_options(create_queue.options, false));
  update howdah.subscription s set kind = 'queue' where s.id = v_sub and s.kind <> 'queue';
  return v_sub;
end
$$;
