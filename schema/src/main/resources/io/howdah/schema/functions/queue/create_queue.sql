-- Creates a queue: a stream and one subscription of the same name; returns the subscription's id. One that exists, bound to
-- another stream or not, stays as it is. Options are those of both. Raises 22023 for a bad name or bad options, HD409 if the
-- name belongs to a stream or to another subscription, or the queue exists with another value of an option that is given.
create or replace function howdah.create_queue(name text, options json default null) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform howdah.require_read_committed('create_queue');
  return howdah.add_queue(create_queue.name, create_queue.options, '{}');
end
$$;
