-- How many messages of a stream have been committed and have no position yet, counted up to a limit, and when the oldest
-- and the newest of these were published. Locks and writes nothing; what it sees may have been sequenced by others a
-- moment later. After
-- a restore that nothing has been sequenced in yet it says 1: sequence the stream to learn more.
create or replace function howdah.unsequenced(
  v_stream int,
  v_limit int,
  out n bigint,
  out oldest timestamptz,
  out newest timestamptz
)
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
  v_epoch constant howdah.epoch := (select e from howdah.epoch e order by e.no desc limit 1);
  v_tick howdah.tick;
  v_finished int8multirange;
begin
  if v_epoch.birth <> (select b.id from howdah.birth b) then
    n := 1;
    return;
  end if;
  v_tick := howdah.newest_tick(v_stream);
  if v_tick.epoch < v_epoch.no and howdah.is_restored(v_tick.epoch, v_epoch) then
    select count(*), min(l.published_at), max(l.published_at) into n, oldest, newest
    from howdah.left_behind(v_stream, v_tick, v_epoch) l;
    if n > 0 then
      return;
    end if;
    v_tick.seen := '{}';
  end if;

  select howdah.finished(pg_current_snapshot()) into v_finished;
  select count(*), min(w.published_at), max(w.published_at) into n, oldest, newest
  from (
    select l.published_at
    from unnest(v_finished - v_tick.seen) r
      cross join lateral (
        select l.published_at from howdah.log l
        where l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq >= v_epoch.first_seq
        offset 0
      ) l
    limit v_limit
  ) w;
end
$$;
