-- What a subscription is, or all of them: its stream, what kind that is, its options with their values, and when it was
-- made, its bindings (null: it takes everything), and whether it is paused. Its numbers are in stats(). Raises HD404 for an
-- unknown name.
create or replace function howdah.describe(name text default null)
returns table (
  subscription text,
  stream text,
  kind text,
  options json,
  created_at timestamptz,
  bindings text[],
  paused boolean
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if describe.name is not null
    and not exists (select from howdah.subscription s where s.name = describe.name) then
    perform howdah.fail_unknown('subscription', describe.name);
  end if;
  return query
  select s.name, t.name, s.kind, howdah.options_of(s), s.created_at, howdah.current_bindings(s.id), s.paused
  from howdah.subscription s
    join howdah.stream t on t.id = s.stream
  where describe.name is null or s.name = describe.name
  order by s.name;
end
$$;
