-- Whether a ring child holds messages of a stream that have no position yet.
create or replace function howdah.unsequenced_in(v_stream int, v_seg smallint) returns boolean
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
  v_tick howdah.tick := howdah.newest_tick(v_stream);
begin
  if v_epoch.birth <> (select b.id from howdah.birth b) then
    return true;
  end if;
  if v_tick.epoch < v_epoch.no and howdah.is_restored(v_tick.epoch, v_epoch) then
    if exists (select from howdah.left_behind(v_stream, v_tick, v_epoch) l where l.seg = v_seg) then
      return true;
    end if;
    v_tick.seen := '{}';
  end if;
  return exists (
    select
    from unnest(int8multirange(int8range(0, 9223372036854775807)) - v_tick.seen) r
      cross join lateral (
        select from howdah.log l
        where l.seg = v_seg and l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r)
          and l.seq >= v_epoch.first_seq
        offset 0
      ) l);
end
$$;
