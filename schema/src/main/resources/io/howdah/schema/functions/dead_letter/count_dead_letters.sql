-- How many dead letters a filter means: what redrive and delete_dead_letters would take. Raises HD404, 22023.
create or replace function howdah.count_dead_letters(subscription text default null, filter json default null) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub constant int := howdah.subscription_id(count_dead_letters.subscription);
begin
  return (select count(*) from howdah.find_letters('dead', v_sub, count_dead_letters.filter, 0, null));
end
$$;
