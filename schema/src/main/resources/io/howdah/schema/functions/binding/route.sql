-- Who would get a message that is published to a stream, queue or subscription with this topic (null: without one), and
-- why: the patterns that match, or null for a subscription without bindings and for a direct message. One that takes a part
-- of the stream is told only if the message belongs to it, by its key, else its id; if neither is given, `why` says that it
-- depends on them. Publishes nothing.
-- Raises HD404; 22023 for a topic that cannot be.
create or replace function howdah.route(stream text, topic text default null, key text default null, id uuid default null)
returns table (subscription text, patterns text[], why text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream int;
begin
  perform howdah.check_messages(1024, array['1'], array[$2], array[$3], null, null);
  select s.id into v_stream from howdah.stream s where s.name = $1 and s.kind <> 'return';
  if not found then
    if not exists (select from howdah.subscription s where s.name = $1) then
      perform howdah.fail_unknown('stream', $1);
    end if;
    return query select $1, null::text[], 'a direct message';
    return;
  end if;
  return query
  select r.name, r.matching,
    case when r.patterns is null then 'it takes everything'
      else 'topic ' || coalesce($2, '(none)') || ' matches ' || array_to_string(r.matching, ', ') end
      || case when (r.sub).partition_count is null then ''
        when num_nonnulls($3, $4) > 0 then format(', and part %s of %s', (r.sub).partition_no, (r.sub).partition_count)
        else format(', if its key or id belongs to part %s of %s', (r.sub).partition_no, (r.sub).partition_count) end
  from (
    select s.name, s as sub, b.patterns, case when b.patterns is not null then array(
      select p from unnest(b.patterns) p where howdah.topic_matches(p, $2) order by p) end as matching
    from howdah.subscription s
      cross join lateral (select howdah.current_bindings(s.id)) b (patterns)
    where s.stream = v_stream
  ) r
  where (r.patterns is null or cardinality(r.matching) > 0)
    and (num_nonnulls($3, $4) = 0 or howdah.in_partition(r.sub, $3, $4))
  order by r.name;
end
$$;
