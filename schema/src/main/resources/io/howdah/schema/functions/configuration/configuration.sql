-- The settings of the fleet: what they are, what they are when nobody sets them, whether somebody has, what they mean.
create or replace function howdah.configuration()
  returns table (name text, value text, standard text, configured boolean, meaning text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select k.name, coalesce(s.value, k.standard), k.standard, s.value is not null, k.meaning
  from howdah.known_settings() k left join howdah.setting s on s.name = k.name
  order by k.name
$$;
