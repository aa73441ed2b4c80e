-- Ends something that recurs; false if there is none. What it has published stays.
create or replace function howdah.drop_recurring(name text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id int;
begin
  delete from howdah.recurring r where r.name = drop_recurring.name returning r.id into v_id;
  delete from howdah.due d where d.recurring = v_id;
  return v_id is not null;
end
$$;
