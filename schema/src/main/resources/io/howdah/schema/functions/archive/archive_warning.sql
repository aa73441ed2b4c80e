-- Says that the archive has grown large, what to do, and which subscription keeps the most; null if it has not.
create or replace function howdah.archive_warning(above bigint default 1073741824) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_size constant bigint := pg_total_relation_size('howdah.archive');
begin
  if v_size <= archive_warning.above then
    return null;
  end if;
  return format('the archive holds %s, most of it of %s; set archive_retention, or delete what nobody needs',
    pg_size_pretty(v_size), coalesce((
      select s.name
      from howdah.archive a join howdah.subscription s on s.id = a.sub
      group by s.name order by count(*) desc, s.name limit 1), 'nobody'));
end
$$;
