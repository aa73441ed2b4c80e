-- Lets the bindings that a subscription has now hold for all positions before v_next, too: these are read once more, and
-- the sets of then may be gone. What lies at v_next and behind it keeps its own. The caller holds the cutting lock.
create or replace function howdah.rebind_past(v_sub int, v_next bigint) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now howdah.binding;
  v_then howdah.binding;
begin
  select b.* into v_now from howdah.binding b where b.sub = v_sub order by b.since desc limit 1;
  if not found then
    return;
  end if;
  select b.* into v_then from howdah.binding b where b.sub = v_sub and b.since <= v_next order by b.since desc limit 1;
  delete from howdah.binding b where b.sub = v_sub and b.since <= v_next;
  insert into howdah.binding (sub, since, patterns, expression) values (v_sub, 0, v_now.patterns, v_now.expression);
  if v_then.since is distinct from v_now.since then
    insert into howdah.binding (sub, since, patterns, expression) values (v_sub, v_next, v_then.patterns, v_then.expression);
  end if;
end
$$;
