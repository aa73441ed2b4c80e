-- How many messages of a stream have been committed and have no position yet, counted up to a limit. Locks and writes
-- nothing, except that it opens a new epoch where sequence would; what it sees may have been sequenced by others a moment
-- later.
create or replace function howdah.unsequenced(v_stream int, v_limit int) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_epoch constant howdah.epoch := howdah.current_epoch();
  v_seen int8multirange := '{}';
  v_tick_epoch int;
  v_finished int8multirange;
  v_left int := 0;
begin
  select t.seen, t.epoch into v_seen, v_tick_epoch
  from howdah.tick t
  where t.stream = v_stream
  order by t.first desc
  limit 1;
  v_seen := coalesce(v_seen, '{}');
  v_tick_epoch := coalesce(v_tick_epoch, 1);
  if v_tick_epoch < v_epoch.no and howdah.is_restored(v_tick_epoch, v_epoch) then
    v_left := (
      select count(*)
      from unnest(int8multirange(int8range(0, 9223372036854775807)) - v_seen) r
        join howdah.log l on l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r)
      where l.seq < v_epoch.first_seq);
    v_seen := '{}';
  end if;
  select howdah.finished(pg_current_snapshot()) into v_finished;
  return v_left + (
    select count(*)
    from (
      select
      from unnest(v_finished - v_seen) r
        cross join lateral (
          select from howdah.log l
          where l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq >= v_epoch.first_seq
          offset 0
        ) l
      limit v_limit
    ) w);
end
$$;
