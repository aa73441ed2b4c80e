-- How long deduplication keys of a stream or queue count from now on; at first as configured. Raises HD404, 22023.
create or replace function howdah.set_once_window(stream text, within interval) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if set_once_window.within is null or set_once_window.within not between '1 ms' and '30 days' then
    raise exception using errcode = '22023', message = 'the deduplication window is not valid',
      hint = 'A window is 1 ms to 30 days.';
  end if;
  update howdah.stream s set once_window = set_once_window.within where s.id = howdah.stream_id(set_once_window.stream);
end
$$;
