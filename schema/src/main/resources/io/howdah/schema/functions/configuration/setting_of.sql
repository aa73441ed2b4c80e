-- What a setting of the fleet is now, as text. Raises 22023 if there is none of this name.
create or replace function howdah.setting_of(v_name text) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_value text;
begin
  select coalesce(s.value, k.standard) into v_value
  from howdah.known_settings() k left join howdah.setting s on s.name = k.name
  where k.name = v_name;
  if not found then
    raise exception using errcode = '22023',
      message = format('there is no setting "%s"',
        coalesce(regexp_replace(left(v_name, 80), '[[:cntrl:]]', '?', 'g'), '(null)')),
      hint = format('Settings are %s.', (select string_agg(k.name, ', ' order by k.name) from howdah.known_settings() k));
  end if;
  return v_value;
end
$$;
