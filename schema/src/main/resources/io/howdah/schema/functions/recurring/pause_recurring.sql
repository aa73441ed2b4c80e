-- Stops publishing something that recurs, until resume_recurring. False if it is paused already. Raises HD404.
create or replace function howdah.pause_recurring(name text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_recurring howdah.recurring;
begin
  select r.* into v_recurring from howdah.recurring r where r.name = pause_recurring.name for update;
  if not found then
    perform howdah.fail_unknown('recurring', pause_recurring.name);
  end if;
  delete from howdah.due d where d.recurring = v_recurring.id;
  update howdah.recurring r set paused = true where r.id = v_recurring.id;
  return not v_recurring.paused;
end
$$;
