-- Creates a queue: a stream and one subscription of the same name; returns the subscription's id. An existing queue
-- stays as it is, its options too. Raises 22023 for a bad name or bad options, HD409 if the name belongs to a stream or to
-- another subscription.
create or replace function howdah.create_queue(name text, options json default null) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform howdah.require_read_committed('create_queue');
  perform howdah.add_stream(create_queue.name, 'queue', '0');
  return howdah.create_subscription(create_queue.name, create_queue.name, 'beginning', create_queue.options);
end
$$;
