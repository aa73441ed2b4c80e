-- How many jobs of a scope a filter means (see find_jobs). Raises what find_jobs does.
create or replace function howdah.count_jobs(scope text, filter json default null) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select count(*) from howdah.find_jobs(count_jobs.scope, count_jobs.filter));
end
$$;
