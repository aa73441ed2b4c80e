-- The patterns that hold for what comes next to a subscription; null if it takes everything.
create or replace function howdah.current_bindings(v_sub int) returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select b.patterns from howdah.binding b where b.sub = v_sub order by b.since desc limit 1);
end
$$;
