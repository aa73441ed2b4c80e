-- The name of a time zone as PostgreSQL knows it, for example Europe/Berlin. Abbreviations and offsets are refused (22023):
-- they have no rule for summer time.
create or replace function howdah.check_zone(v_zone text) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_zone is null or v_zone !~ '^([A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)+|UTC)$' then
    raise exception using errcode = '22023',
      message = format('"%s" is not a time zone', coalesce(regexp_replace(left(v_zone, 80), '[[:cntrl:]]', '?', 'g'),
        '(null)')),
      hint = 'Give a name of the IANA time zone database, for example Europe/Berlin, or UTC.';
  end if;
  begin
    perform now() at time zone v_zone;
  exception when invalid_parameter_value then
    raise exception using errcode = '22023', message = format('time zone "%s" is not known', left(v_zone, 80)),
      hint = 'Give a name of the IANA time zone database, for example Europe/Berlin; select name from pg_timezone_names lists them.';
  end;
  return v_zone;
end
$$;
