-- Changes options of a queue: those of its own subscription, and of its stream unless it is bound to somebody else's.
-- Raises HD404 if there is no queue of this name, 22023.
create or replace function howdah.alter_queue(name text, options json) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream text;
  v_of_stream constant json := howdah.own_options(alter_queue.options, true);
  v_any constant boolean := exists (select from json_object_keys(v_of_stream));
begin
  select t.name into v_stream
  from howdah.subscription s join howdah.stream t on t.id = s.stream
  where s.name = alter_queue.name and s.kind = 'queue';
  if not found then
    perform howdah.fail_unknown('queue', alter_queue.name);
  end if;
  if v_any and v_stream <> alter_queue.name then
    raise exception using errcode = '22023',
      message = format('queue "%s" is bound to stream "%s", which has these options', alter_queue.name, v_stream),
      hint = 'Use howdah.alter_stream; they hold for all of the stream.';
  end if;
  perform howdah.alter_subscription(alter_queue.name, howdah.own_options(alter_queue.options, false));
  if v_any then
    perform howdah.alter_stream(alter_queue.name, v_of_stream);
  end if;
end
$$;
