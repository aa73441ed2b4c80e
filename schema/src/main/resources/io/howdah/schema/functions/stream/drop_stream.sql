-- Drops a stream and its messages; false if there is none. Raises HD409 if it has subscriptions, or is a queue, unless
-- `force` drops them too, or if another stream parks in it. Subscriptions are locked before their stream, as claim does. Ids
-- are never used again, so nothing old can reach a new stream of the same name.
create or replace function howdah.drop_stream(name text, force boolean default false) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream howdah.stream;
  v_subs text[];
begin
  perform howdah.require_read_committed('drop_stream');
  select s.* into v_stream from howdah.stream s where s.name = drop_stream.name and s.kind <> 'return';
  if not found then
    return false;
  end if;
  v_subs := array(select s.name from howdah.subscription s where s.stream = v_stream.id order by s.name);
  if cardinality(v_subs) > 0 and not drop_stream.force then
    raise exception using errcode = 'HD409',
      message = format('%s "%s" has %s subscription(s), the first is "%s"', v_stream.kind, v_stream.name,
        cardinality(v_subs), v_subs[1]),
      hint = 'Drop them first, or drop the stream with force => true; what they have not settled is lost then.';
  end if;
  perform howdah.stop_parking(v_stream.id, v_stream.name, drop_stream.force);
  perform howdah.drop_subscription(v_sub, true) from unnest(v_subs) v_sub;
  perform from howdah.stream s where s.id = v_stream.id for update;
  delete from howdah.due d where d.stream = v_stream.id;
  delete from howdah.once o where o.stream = v_stream.id;
  delete from howdah.tally t where t.stream = v_stream.id;
  delete from howdah.stream s where s.id = v_stream.id;
  return true;
end
$$;
