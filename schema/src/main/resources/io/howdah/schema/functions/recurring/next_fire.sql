-- The first time after `after` that a cron expression names in a time zone; null if there is none (30 February).
--
-- Five fields, minute, hour, day of month, month, day of week, in the time of the zone. If both kinds of day are
-- restricted, either will do. Where the clock jumps it does what people know from cron: with a star for hours it counts
-- real hours and minutes, so an hour that comes twice is counted twice and one that is missing not at all; with given
-- hours each day has each time once, the first of two, or later by the jump when the time does not exist.
-- Raises 22023 for an expression or a zone that cannot be.
create or replace function howdah.next_fire(cron text, zone text default 'UTC', after timestamptz default howdah.now())
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_cron constant record := howdah.cron_fields(next_fire.cron);
  v_zone constant text := howdah.check_zone(next_fire.zone);
  v_last constant timestamp := date_trunc('hour', next_fire.after at time zone v_zone) + interval '9 years';
  v_hour timestamp := date_trunc('hour', next_fire.after at time zone v_zone) - interval '3 h';
  v_until timestamp;
  v_best timestamptz;
begin
  while isfinite(next_fire.after) and v_hour <= coalesce(v_until, v_last) loop
    if extract(month from v_hour)::int <> all (v_cron.months) then
      v_hour := date_trunc('month', v_hour) + interval '1 month';
    elsif not (case when v_cron.either
        then extract(day from v_hour)::int = any (v_cron.days) or extract(dow from v_hour)::int = any (v_cron.weekdays)
        else extract(day from v_hour)::int = any (v_cron.days)
          and extract(dow from v_hour)::int = any (v_cron.weekdays) end) then
      v_hour := date_trunc('day', v_hour) + interval '1 day';
    else
      if extract(hour from v_hour)::int = any (v_cron.hours) then
        select least(v_best, min(t.at)) into v_best
        from unnest(v_cron.minutes) m (minute)
          cross join lateral howdah.cron_times(v_hour + make_interval(mins => m.minute), v_zone, v_cron.hourly) t (at)
        where t.at > next_fire.after;
        if v_best is not null and v_until is null then
          v_until := v_hour + interval '3 h'; -- where the clock jumps, a later local time may be the earlier one
        end if;
      end if;
      v_hour := v_hour + interval '1 h';
    end if;
  end loop;
  return v_best;
end
$$;
