-- The first position of a stream whose message was published at a time or later; null if none of those that have a position
-- was. All that lies before it was published earlier; of what follows, what waited for its commit or its due time may have
-- been, too. Looks at the ticks first: what was published then got its position then or later.
create or replace function howdah.position_from(v_stream int, v_time timestamptz) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_first constant bigint := (select min(t.first) from howdah.tick t where t.stream = v_stream and t.at >= v_time);
  v_tick record;
  v_position bigint;
begin
  for v_tick in
    select t.first, t.n from howdah.tick t where t.stream = v_stream and t.first >= v_first order by t.first
  loop
    select min(m.position) into v_position
    from howdah.messages_between(v_stream, v_tick.first, v_tick.first + v_tick.n - 1) m
    where m.published_at >= v_time;
    exit when v_position is not null;
  end loop;
  return v_position;
end
$$;
