-- Creates a queue that gets the messages of a stream whose topic matches one of the patterns, from now on; returns its
-- subscription's id. It is a subscription of that stream: a routed message is stored once, whatever the number of queues.
-- An existing queue of that name on that stream stays as it is, with its bindings. Publishing to the queue by its name is a
-- direct message. Raises HD404 for an unknown stream, HD409 if the name is taken, or the queue exists with another value of an
-- option that is given, 22023, 0A000.
create or replace function howdah.create_bound_queue(
  name text,
  stream text,
  patterns text[],
  options json default null
) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_new constant howdah.subscription := howdah.with_options(null, create_bound_queue.options);
  v_sub howdah.subscription;
begin
  perform howdah.check_name('queue', create_bound_queue.name);
  if exists (select from howdah.stream s where s.name = create_bound_queue.name) then
    raise exception using errcode = 'HD409',
      message = format('"%s" exists already, with a stream of its own', create_bound_queue.name),
      hint = 'Choose another name for the bound queue, or drop what has this one.';
  end if;
  if create_bound_queue.patterns is null then
    raise exception using errcode = '22023', message = 'a bound queue needs patterns',
      hint = 'Give # for everything, or an empty array for direct messages only.';
  end if;
  perform howdah.check_pattern(p) from unnest(create_bound_queue.patterns) p;
  if not exists (select from howdah.subscription s where s.name = create_bound_queue.name) then
    perform howdah.create_subscription(create_bound_queue.name, create_bound_queue.stream, 'now',
      create_bound_queue.options);
    v_sub := howdah.lock_subscription(create_bound_queue.name, 'create_bound_queue');
    update howdah.subscription s set kind = 'queue' where s.id = v_sub.id;
    perform howdah.change_bindings(v_sub, create_bound_queue.patterns);
    return v_sub.id;
  end if;
  v_sub := howdah.lock_subscription(create_bound_queue.name, 'create_bound_queue');
  if v_sub.kind <> 'queue' or v_sub.stream is distinct from (
      select s.id from howdah.stream s where s.name = create_bound_queue.stream) then
    raise exception using errcode = 'HD409',
      message = format('"%s" is already %s', create_bound_queue.name,
        case v_sub.kind when 'queue' then 'a queue of another stream' else 'a subscription' end),
      hint = 'Choose another name.';
  end if;
  perform howdah.check_same('queue', v_sub.name, create_bound_queue.options, howdah.options_of(v_sub),
    howdah.options_of(v_new));
  return v_sub.id;
end
$$;
