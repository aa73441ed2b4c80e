-- The newest tick of a stream: where its positions stand and what has been seen. For a stream without one, a tick of the
-- first epoch that has given no position and seen nothing. Ticks are written under the stream's lock into what is the
-- current segment then, so one that lies in the current segment is newer than all that lie elsewhere: nearly always one
-- ring child is opened instead of eight.
create or replace function howdah.newest_tick(v_stream int) returns howdah.tick
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_seg constant smallint := howdah.current_segment();
  v_tick howdah.tick;
begin
  select t.* into v_tick from howdah.tick t where t.seg = v_seg and t.stream = v_stream order by t.first desc limit 1;
  if not found then
    select t.* into v_tick from howdah.tick t where t.stream = v_stream order by t.first desc limit 1;
    if not found then
      v_tick.stream := v_stream;
      v_tick.epoch := 1;
      v_tick.first := 1;
      v_tick.n := 0;
      v_tick.seen := '{}';
    end if;
  end if;
  return v_tick;
end
$$;
