-- How many messages wait for a filtered subscription that were never handed out, and since when the oldest one does. Exact
-- while at most 10,000 positions lie behind its cursor; what lies beyond them is counted without a look at its topic, so
-- there the number is an upper bound. Changes nothing.
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
  v_finished int8multirange;
  v_src int;
  v_at bigint;
  v_last bigint;
  v_most bigint;
  v_hits bigint[];
  v_first bigint;
  v_new record;
begin
  n := 0;
  for v_src, v_at in
    select f.* from (values (v_sub.return_stream, v_head.return_at), (v_sub.stream, v_head.source_at)) f
  loop
    v_last := howdah.last_position(v_src);
    v_most := least(v_last, v_at + 10000);
    v_first := null;
    while v_at < v_most loop
      select s.hits, s.last into v_hits, v_at from howdah.sift(v_sub, v_src, v_at + 1, v_last) s;
      n := n + cardinality(v_hits);
      v_first := coalesce(v_first, v_hits[1]);
    end loop;
    n := n + greatest(v_last - v_at, 0);
    oldest := least(oldest,
      (select m.published_at from howdah.messages_between(v_src, v_first, v_first) m where v_first is not null));
  end loop;
  select howdah.finished(pg_current_snapshot()) into v_finished;
  select u.* into v_new from howdah.unsequenced_hits(v_sub, v_epoch, v_finished, 2147483647) u;
  n := n + v_new.n;
  oldest := least(oldest, v_new.oldest);
  select u.* into v_new from howdah.unsequenced(v_sub.return_stream, 2147483647) u;
  n := n + v_new.n;
  oldest := least(oldest, v_new.oldest);
end
$$;
