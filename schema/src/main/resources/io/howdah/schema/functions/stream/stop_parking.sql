-- Before a stream goes in which others park what nobody takes: raises HD409, or with v_force has them keep it from now on.
create or replace function howdah.stop_parking(v_stream int, v_name text, v_force boolean) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_from text;
begin
  select s.name into v_from from howdah.stream s where s.park_in = v_stream order by s.name limit 1;
  if found and not v_force then
    raise exception using errcode = 'HD409',
      message = format('stream "%s" parks what nobody takes in "%s"', v_from, v_name),
      hint = 'Give that stream another option unroutable first, or drop with force => true; then it keeps such messages.';
  end if;
  update howdah.stream s set unroutable = 'keep', park_in = null where s.park_in = v_stream;
end
$$;
