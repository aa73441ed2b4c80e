-- The patterns of one subscription, or of all: a row for each. One without bindings, which takes everything, has no row.
-- Raises HD404.
create or replace function howdah.bindings(name text default null)
returns table (subscription text, stream text, pattern text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if bindings.name is not null and not exists (select from howdah.subscription s where s.name = bindings.name) then
    perform howdah.fail_unknown('subscription', bindings.name);
  end if;
  return query
  select s.name, t.name, p.pattern
  from howdah.subscription s
    join howdah.stream t on t.id = s.stream
    cross join lateral unnest(howdah.current_bindings(s.id)) p (pattern)
  where bindings.name is null or s.name = bindings.name
  order by s.name, p.pattern;
end
$$;
