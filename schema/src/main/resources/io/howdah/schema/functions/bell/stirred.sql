-- Those of the subscriptions that have something to look at: messages after their cursor, or one that falls due in this time.
-- A guess for who sleeps there and wants to know whether it is worth a look; locks and writes nothing.
create or replace function howdah.stirred(subs int[], soon interval) returns int[]
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
  v_until constant timestamptz := howdah.now() + soon;
  v_epoch howdah.epoch;
  v_finished int8multirange;
  v_sub howdah.subscription;
  v_head howdah.slice;
  v_stirred int[] := '{}';
begin
  select e.* into strict v_epoch from howdah.epoch e order by e.no desc limit 1;
  v_finished := howdah.finished(pg_current_snapshot());
  for v_sub in select b.* from howdah.subscription b where b.id = any (subs) and not b.paused loop
    v_head := howdah.newest_slice(v_sub.id);
    if howdah.has_more(v_sub.stream, v_head.source_at, v_epoch, v_finished)
      or howdah.has_more(v_sub.return_stream, v_head.return_at, v_epoch, v_finished)
      or exists (select from howdah.due d where d.stream = v_sub.stream and d.due <= v_until)
      or exists (select from howdah.due d where d.stream = v_sub.return_stream and d.due <= v_until)
    then
      v_stirred := v_stirred || v_sub.id;
    end if;
  end loop;
  return v_stirred;
end
$$;
