-- Takes a cron expression of five fields apart: minutes, hours, days, months, weekdays (0 is Sunday), whether either kind
-- of day will do (both are restricted), and whether it counts every hour (the hours begin with a star). Raises 22023.
create or replace function howdah.cron_fields(
  v_cron text,
  out minutes int[],
  out hours int[],
  out days int[],
  out months int[],
  out weekdays int[],
  out either boolean,
  out hourly boolean
)
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text constant text := case lower(btrim(v_cron))
    when '@hourly' then '0 * * * *' when '@daily' then '0 0 * * *' when '@midnight' then '0 0 * * *'
    when '@weekly' then '0 0 * * 0' when '@monthly' then '0 0 1 * *'
    when '@yearly' then '0 0 1 1 *' when '@annually' then '0 0 1 1 *' else btrim(v_cron) end;
  v_field constant text[] := regexp_split_to_array(v_text, '[ \t]+');
begin
  if v_text is null or octet_length(v_text) > 255 or cardinality(v_field) <> 5 then
    raise exception using errcode = '22023',
      message = format('"%s" is not a cron expression',
        coalesce(regexp_replace(left(v_cron, 80), '[[:cntrl:]]', '?', 'g'), '(null)')),
      hint = 'It has five fields: minute, hour, day of month, month, day of week; or is @hourly, @daily, @weekly, @monthly, @yearly.';
  end if;
  minutes := howdah.cron_field('minute', v_field[1], 0, 59, null);
  hours := howdah.cron_field('hour', v_field[2], 0, 23, null);
  days := howdah.cron_field('day of month', v_field[3], 1, 31, null);
  months := howdah.cron_field('month', v_field[4], 1, 12,
    '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}');
  weekdays := howdah.cron_field('day of week', v_field[5], 0, 7, '{sun,mon,tue,wed,thu,fri,sat}');
  weekdays := array(select distinct w % 7 from unnest(weekdays) w order by 1);
  either := v_field[3] not like '*%' and v_field[5] not like '*%';
  hourly := v_field[2] like '*%';
end
$$;
