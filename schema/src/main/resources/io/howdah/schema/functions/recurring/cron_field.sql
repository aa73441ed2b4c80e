-- The numbers that one field of a cron expression names, in order: *, numbers, names, ranges, steps and lists of these.
-- v_names are the names of the numbers from v_low on, if it has any. Raises 22023.
create or replace function howdah.cron_field(v_what text, v_field text, v_low int, v_high int, v_names text[])
returns int[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_item text;
  v_part text[];
  v_from int;
  v_to int;
  v_step int;
  v_all int[] := '{}';
begin
  foreach v_item in array string_to_array(lower(v_field), ',') loop
    v_part := regexp_match(v_item, '^(\*|[a-z]{3}|\d{1,4})(?:-([a-z]{3}|\d{1,4}))?(?:/(\d{1,4}))?$');
    v_step := coalesce(v_part[3]::int, 1);
    if v_part[1] = '*' then
      v_from := v_low;
      v_to := case when v_part[2] is null then v_high end;
    else
      v_from := case when v_part[1] ~ '^\d' then v_part[1]::int else v_low - 1 + array_position(v_names, v_part[1]) end;
      v_to := case when v_part[2] ~ '^\d' then v_part[2]::int
        when v_part[2] is not null then v_low - 1 + array_position(v_names, v_part[2])
        when v_part[3] is not null then v_high else v_from end;
    end if;
    if v_part is null or v_from is null or v_to is null or v_from < v_low or v_to > v_high or v_from > v_to or v_step < 1 then
      raise exception using errcode = '22023',
        message = format('"%s" is not a valid %s of a cron expression', regexp_replace(left(v_item, 40), '[[:cntrl:]]', '?',
          'g'), v_what),
        hint = format('It takes *, numbers from %s to %s%s, ranges (a-b), steps (*/n, a-b/n) and lists (a,b).', v_low, v_high,
          case when v_names is not null then ', names like ' || v_names[1] else '' end);
    end if;
    v_all := v_all || array(select generate_series(v_from, v_to, v_step));
  end loop;
  return array(select distinct n from unnest(v_all) n order by n);
end
$$;
