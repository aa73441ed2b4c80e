-- Raises HD404: the one place that says that a stream, subscription or queue does not exist, and what to do.
create or replace function howdah.fail_unknown(kind text, name text) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = 'HD404',
    message = format('%s "%s" does not exist', kind, coalesce(regexp_replace(left(name, 255), '[[:cntrl:]]', '?', 'g'), '(null)')),
    hint = case kind
      when 'stream' then 'Create it with howdah.create_queue(name) or howdah.create_stream(name), or correct the name.'
      when 'subscription' then
        'Create it with howdah.create_queue(name) or howdah.create_subscription(name, stream), or correct the name.'
      else format('Create it with howdah.create_%s(name), or correct the name.', kind)
    end;
end
$$;
