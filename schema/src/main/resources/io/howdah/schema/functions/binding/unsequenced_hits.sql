-- What unsequenced() says, for a filtered subscription: how many messages without a position it will take, counted up to a
-- limit, and when the oldest of them was published. What gets a position from now on has the newest bindings.
create or replace function howdah.unsequenced_hits(
  v_sub howdah.subscription,
  v_epoch howdah.epoch,
  v_finished int8multirange,
  v_limit int,
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
declare
  v_set howdah.binding;
  v_seen constant int8multirange := (howdah.newest_tick(v_sub.stream)).seen;
begin
  select b.* into v_set from howdah.binding b where b.sub = v_sub.id order by b.since desc limit 1;
  select count(*), min(w.published_at) into n, oldest
  from (
    select l.published_at
    from unnest(v_finished - v_seen) r
      cross join lateral (
        select l.published_at, l.topic, l.key, l.id from howdah.log l
        where l.stream = v_sub.stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq >= v_epoch.first_seq
        offset 0
      ) l
    where (v_set.patterns is null or coalesce('.' || l.topic, '') collate "C" ~ v_set.expression)
      and howdah.in_partition(v_sub, l.key, l.id)
    limit v_limit
  ) w;
end
$$;
