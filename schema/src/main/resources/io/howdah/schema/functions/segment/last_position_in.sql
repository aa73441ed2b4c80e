-- The last position of a stream whose message, or whose tick, lies in a ring child; 0 if none.
create or replace function howdah.last_position_in(v_stream int, v_seg smallint) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
begin
  return greatest(
    coalesce((
      select t.first + t.n - 1 from howdah.tick t
      where t.stream = v_stream and t.segs & (1 << v_seg) <> 0
      order by t.first desc limit 1), 0),
    coalesce((
      select t.first + t.n - 1 from howdah.tick t
      where t.stream = v_stream and t.seg = v_seg and t.segs <> 0
      order by t.first desc limit 1), 0));
end
$$;
