-- The value of an option that limits a number of messages: a whole number from 1 to 1,000,000; null for "infinite". Raises
-- 22023.
create or replace function howdah.option_limit(v_name text, v_value jsonb) returns int
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_value = '"infinite"' then
    return null;
  elsif jsonb_typeof(v_value) = 'number' and v_value::numeric between 1 and 1000000 and v_value::numeric % 1 = 0 then
    return v_value::int;
  end if;
  raise exception using errcode = '22023',
    message = format('%s must be a whole number from 1 to 1000000 or "infinite" but was %s', v_name, left(v_value::text, 80)),
    hint = 'pause() stops all deliveries; "infinite" takes the limit away.';
end
$$;
