-- Refuses a name that a stream, queue or subscription cannot have (22023).
create or replace function howdah.check_name(kind text, name text) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if name is null or name !~ '^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,254}$' then
    raise exception using errcode = '22023',
      message = format('"%s" is not a valid %s name', coalesce(regexp_replace(left(name, 255), '[[:cntrl:]]', '?', 'g'),
        '(null)'), kind),
      hint = 'A name starts with a letter or digit and has 1 to 255 characters of A-Z a-z 0-9 _ . : / -';
  end if;
end
$$;
