-- Whether a stream has anything after a position: a position that was given, or a committed message without one; yes,
-- too, of a stream that has not been sequenced since a restore. Locks and writes nothing. v_finished is finished() of the
-- caller's moment.
create or replace function howdah.has_more(v_stream int, v_at bigint, v_epoch howdah.epoch, v_finished int8multirange)
returns boolean
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
  v_tick constant howdah.tick := howdah.newest_tick(v_stream);
begin
  if v_tick.first + v_tick.n - 1 > v_at then
    return true;
  elsif v_tick.epoch < v_epoch.no then
    return (v_tick.seg is not null and howdah.is_restored(v_tick.epoch, v_epoch))
      or (howdah.unsequenced(v_stream, 1)).n > 0;
  end if;
  return exists (
    select
    from unnest(v_finished - v_tick.seen) r
      cross join lateral (
        select from howdah.log l
        where l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r)
          and l.seq >= v_epoch.first_seq
        offset 0
      ) l);
end
$$;
