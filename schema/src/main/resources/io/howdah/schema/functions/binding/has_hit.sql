-- has_more() for a filtered subscription and its stream: whether a claim should cut there. It should if something after
-- the cursor matches; and also if nothing does, but the cursor has stood for a second or 10,000 messages lie behind it,
-- so that it moves on and no look becomes dear. Idle subscriptions write nothing. Locks and writes nothing.
create or replace function howdah.has_hit(
  v_sub howdah.subscription,
  v_head howdah.slice,
  v_epoch howdah.epoch,
  v_finished int8multirange
) returns boolean
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
  v_tick constant howdah.tick := howdah.newest_tick(v_sub.stream);
  v_last constant bigint := v_tick.first + v_tick.n - 1;
  v_now constant timestamptz := howdah.now();
  v_at bigint := v_head.source_at;
  v_hits bigint[];
begin
  if v_tick.epoch < v_epoch.no and (howdah.unsequenced(v_sub.stream, 1)).n > 0 then
    return true;
  elsif v_last > v_at and (v_last - v_at >= 10000 or v_head.at not between v_now - interval '1 s' and v_now) then
    return true;
  end if;
  while v_at < v_last loop
    select s.hits, s.last into v_hits, v_at from howdah.sift(v_sub, v_sub.stream, v_at + 1, v_last) s;
    if cardinality(v_hits) > 0 then
      return true;
    end if;
  end loop;
  v_at := (howdah.unsequenced(v_sub.stream, 2001)).n;
  return v_at > 2000 or v_at > 0 and (howdah.unsequenced_hits(v_sub, v_epoch, v_finished, 1)).n > 0;
end
$$;
