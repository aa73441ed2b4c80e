-- Gives a subscription another set of patterns (null: everything) for what gets its position from now on; false if it has
-- these already. Nothing that is committed is lost or gained by it.
--
-- The stream gets its positions first: what has been committed keeps the patterns that were in force, what commits after
-- this has the new ones, for it has no position before this transaction ends: the stream's lock sees to that. Lock
-- order is subscription, stream, as everywhere. The caller holds the subscription's lock. Rows that the cursor has left
-- behind go.
create or replace function howdah.change_bindings(v_sub howdah.subscription, v_patterns text[]) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_set constant text[] := case when v_patterns is not null
    then array(select distinct p from unnest(v_patterns) p order by p) end;
  v_now howdah.binding;
  v_tick howdah.tick;
  v_at bigint;
begin
  if cardinality(v_set) > 1000 then
    raise exception using errcode = '22023',
      message = format('a subscription has at most 1000 patterns but would have %s', cardinality(v_set)),
      hint = 'Use wildcards, or several subscriptions.';
  end if;
  perform howdah.check_pattern(p) from unnest(v_patterns) p;
  select b.* into v_now from howdah.binding b where b.sub = v_sub.id order by b.since desc limit 1;
  if v_set is not distinct from v_now.patterns then
    return false;
  end if;

  perform from howdah.stream s where s.id = v_sub.stream for no key update;
  v_tick := howdah.sequence_stream(v_sub.stream);
  v_at := (howdah.newest_slice(v_sub.id)).source_at;
  delete from howdah.binding b
  where b.sub = v_sub.id
    and exists (select from howdah.binding n where n.sub = b.sub and n.since > b.since and n.since <= v_at + 1);
  insert into howdah.binding as b (sub, since, patterns, expression)
  values (v_sub.id, v_tick.first + v_tick.n, v_set, howdah.pattern_expression(v_set))
  on conflict (sub, since) do update set patterns = excluded.patterns, expression = excluded.expression;
  update howdah.subscription s set filtered = true where s.id = v_sub.id and not s.filtered;
  return true;
end
$$;
