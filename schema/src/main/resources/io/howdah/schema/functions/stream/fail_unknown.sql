-- Raises HD404: the one place that says that a stream, subscription or queue does not exist, that it has expired, if it has,
-- and what to do.
create or replace function howdah.fail_unknown(kind text, name text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_expired howdah.expired;
begin
  select e.* into v_expired from howdah.expired e where e.name = fail_unknown.name order by e.no desc limit 1;
  raise exception using errcode = 'HD404',
    message = format('%s "%s" does not exist%s', kind, coalesce(regexp_replace(left(name, 255), '[[:cntrl:]]', '?', 'g'),
      '(null)'),
      case when v_expired.no is not null then
        format(' any more: it expired at %s, after %s without a consumer', v_expired.at, v_expired.expires_after) end),
    hint = case kind
      when 'stream' then 'Create it with howdah.create_queue(name) or howdah.create_stream(name), or correct the name.'
      when 'subscription' then
        'Create it with howdah.create_queue(name) or howdah.create_subscription(name, stream), or correct the name.'
      else format('Create it with howdah.create_%s(name), or correct the name.', kind)
    end;
end
$$;
