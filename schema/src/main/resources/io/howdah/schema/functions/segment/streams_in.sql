-- The ids of the streams that have messages or ticks in a ring child, found by skipping through the index.
create or replace function howdah.streams_in(v_seg smallint) returns setof int
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
  v_stream int := 0;
begin
  loop
    select least(
      (select l.stream from howdah.log l where l.seg = v_seg and l.stream > v_stream order by l.stream limit 1),
      (select t.stream from howdah.tick t where t.seg = v_seg and t.stream > v_stream order by t.stream limit 1))
    into v_stream;
    exit when v_stream is null;
    return next v_stream;
  end loop;
end
$$;
