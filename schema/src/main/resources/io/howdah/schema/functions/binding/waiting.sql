-- How many messages of its stream wait for a filtered subscription, and since when the oldest one does. Exact while at
-- most 10,000 positions lie behind its cursor; what lies beyond them is counted without a look at its topic, so there the
-- number is an upper bound. Changes nothing.
create or replace function howdah.waiting(
  v_sub howdah.subscription,
  v_head howdah.slice,
  out n bigint,
  out oldest timestamptz
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
#variable_conflict use_column
declare
  v_epoch constant howdah.epoch := (select e from howdah.epoch e order by e.no desc limit 1);
  v_last constant bigint := howdah.last_position(v_sub.stream);
  v_finished int8multirange;
  v_at bigint := v_head.source_at;
  v_hits bigint[];
  v_first bigint;
  v_new record;
begin
  n := 0;
  while v_at < least(v_last, v_head.source_at + 10000) loop
    select s.hits, s.last into v_hits, v_at from howdah.sift(v_sub, v_sub.stream, v_at + 1, v_last) s;
    n := n + cardinality(v_hits);
    v_first := coalesce(v_first, v_hits[1]);
  end loop;
  n := n + greatest(v_last - v_at, 0);
  select howdah.finished(pg_current_snapshot()) into v_finished;
  select u.* into v_new from howdah.unsequenced_hits(v_sub, v_epoch, v_finished, 2147483647) u;
  n := n + v_new.n;
  oldest := least(v_new.oldest,
    (select m.published_at from howdah.messages_between(v_sub.stream, v_first, v_first) m where v_first is not null));
end
$$;
