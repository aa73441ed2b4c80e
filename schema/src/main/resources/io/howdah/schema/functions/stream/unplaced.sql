-- The messages of a stream that are committed and have no position yet, as the caller's statement sees them: what a listing
-- shows behind the last position. It locks and writes nothing, so a listing in a transaction that stays open stops nobody, as
-- giving positions would. The first v_limit of them (null: all); after a restore none, until somebody claims.
create or replace function howdah.unplaced(v_stream int, v_limit bigint default null) returns setof howdah.log
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
  v_epoch constant howdah.epoch := (select e from howdah.epoch e order by e.no desc limit 1);
  v_tick constant howdah.tick := howdah.newest_tick(v_stream);
begin
  if v_epoch.birth <> (select b.id from howdah.birth b) or howdah.is_restored(v_tick.epoch, v_epoch) then
    return;
  end if;
  return query
  select l.*
  from unnest(howdah.finished(pg_current_snapshot()) - v_tick.seen) r
    cross join lateral (
      select * from howdah.log l
      where l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq >= v_epoch.first_seq
      offset 0
    ) l
  order by l.seq
  limit v_limit;
end
$$;
