-- Refuses a number of letters that one call cannot take (22023).
create or replace function howdah.check_page(v_quantity int) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_quantity is null or v_quantity not between 1 and 10000 then
    raise exception using errcode = '22023',
      message = format('quantity must be between 1 and 10000 but was %s', coalesce(v_quantity::text, 'null')),
      hint = 'Call again for more.';
  end if;
end
$$;
