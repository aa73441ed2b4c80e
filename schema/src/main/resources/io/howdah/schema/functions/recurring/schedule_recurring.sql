-- Sets when something recurs next: its one row in due, which says so; published_at is the time that it then stands for. The
-- caller has locked its row in recurring.
create or replace function howdah.schedule_recurring(v_recurring howdah.recurring, v_next timestamptz) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from howdah.due d where d.recurring = v_recurring.id;
  insert into howdah.due (due, stream, attempt, published_at, id, recurring)
  values (v_next, v_recurring.stream, 0, v_next, gen_random_uuid(), v_recurring.id);
  return v_next;
end
$$;
