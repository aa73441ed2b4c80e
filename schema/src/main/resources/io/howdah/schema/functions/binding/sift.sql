-- Looks at the next messages from v_from on, up to about 2,000 and not beyond v_to, and returns the positions of those that
-- a subscription takes, and the position of the last one that was looked at. Ends where a tick ends, and where other
-- bindings begin, so one set holds for all of it. Each topic that occurs is matched once. What was purged is left out.
-- Private to a subscription's return stream are direct messages and retries: bindings do not ask for them.
create or replace function howdah.sift(
  v_sub howdah.subscription,
  v_src int,
  v_from bigint,
  v_to bigint,
  out hits bigint[],
  out last bigint
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_set howdah.binding;
  v_span record;
begin
  select s.* into v_span from howdah.sift_span(v_src, v_from, v_to) s;
  last := v_span.last;
  if v_src = v_sub.stream then
    select b.* into v_set from howdah.binding b where b.sub = v_sub.id and b.since <= v_from order by b.since desc limit 1;
    last := least(last, (select min(b.since) - 1 from howdah.binding b where b.sub = v_sub.id and b.since > v_from));
  end if;
  if v_set.patterns is null and (v_src <> v_sub.stream or v_sub.partition_count is null) then
    hits := array(select generate_series(v_from, last));
  else
    hits := array(
      select p.position
      from (
        select m.topic, array_agg(m.position) as positions
        from howdah.messages_between(v_src, v_from, last, v_span.low, v_span.high) m
        where howdah.in_partition(v_sub, m.key, m.id)
        group by m.topic
        offset 0
      ) t
        cross join lateral unnest(t.positions) p (position)
      where v_set.patterns is null or coalesce('.' || t.topic, '') collate "C" ~ v_set.expression
      order by p.position);
  end if;
  if exists (select from howdah.purged u where u.sub = v_sub.id and u.src = v_src and u.upto >= v_from) then
    hits := howdah.without_purged(v_sub, v_src, v_from, last, hits);
  end if;
end
$$;
