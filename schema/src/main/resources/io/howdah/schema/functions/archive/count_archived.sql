-- How many archived messages a filter means. Raises HD404, 22023.
create or replace function howdah.count_archived(subscription text default null, filter json default null) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub constant int := howdah.subscription_id(count_archived.subscription);
begin
  return (select count(*) from howdah.find_letters('archived', v_sub, count_archived.filter, 0, null));
end
$$;
