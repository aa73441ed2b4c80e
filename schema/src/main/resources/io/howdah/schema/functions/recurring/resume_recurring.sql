-- Goes on with something that was paused, and returns its next time. What fell into the pause is not made up for.
-- Raises HD404.
create or replace function howdah.resume_recurring(name text) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_recurring howdah.recurring;
begin
  select r.* into v_recurring from howdah.recurring r where r.name = resume_recurring.name for update;
  if not found then
    perform howdah.fail_unknown('recurring', resume_recurring.name);
  end if;
  if not v_recurring.paused then
    return (select d.due from howdah.due d where d.recurring = v_recurring.id);
  end if;
  update howdah.recurring r set paused = false where r.id = v_recurring.id;
  return howdah.schedule_recurring(v_recurring, howdah.next_fire(v_recurring.cron, v_recurring.zone));
end
$$;
