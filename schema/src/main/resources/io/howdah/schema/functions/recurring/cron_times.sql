-- The instants at which a local time is, in a time zone: usually one. A time that exists twice is the first of the two,
-- or both when v_hourly; a time that does not exist is as much later as the clock jumps, or none when v_hourly.
-- PostgreSQL takes the second of two and the later one of a gap, so the first lies the length of the jump before.
create or replace function howdah.cron_times(v_local timestamp, v_zone text, v_hourly boolean) returns setof timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select t.at
  from (
    select v_local at time zone v_zone as at, 0 as rank
    union all
    select (v_local at time zone v_zone) - j.jump, 1
    from unnest('{20 min,30 min,40 min,1 h,90 min,2 h,3 h}'::interval[]) j (jump)
    where ((v_local at time zone v_zone) - j.jump) at time zone v_zone = v_local
  ) t
  where not v_hourly or t.at at time zone v_zone = v_local
  order by case when not v_hourly then t.at end
  limit case when v_hourly then null else 1 end
$$;
