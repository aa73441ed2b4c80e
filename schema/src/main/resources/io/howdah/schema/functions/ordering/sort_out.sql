-- Parts a window of a keyed subscription: 'free' are the first v_quantity messages whose keys wait for nobody, 'waiting'
-- those before the last of them that come after one of their key which is parked or has failed, or whose keys are busy
-- (v_busy), or have no room for them; v_flight are the keys in flight. What lies behind the last free one is in neither;
-- 'last' is the position up to which the window is used up.
create or replace function howdah.sort_out(
  v_sub howdah.subscription,
  v_window howdah.parked[],
  v_busy bigint[],
  v_flight bigint[],
  v_quantity int,
  v_end bigint,
  out free howdah.parked[],
  out waiting howdah.parked[],
  out last bigint
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_over bigint[] := '{}';
begin
  if v_sub.key_limited then
    v_over := array(
      select m.position
      from (
        select w.position, w.key_hash, row_number() over (partition by w.key_hash order by w.position) as nth
        from unnest(v_window) w
      ) m
        join howdah.key_rooms(v_sub, v_flight, array(select distinct w.key_hash from unnest(v_window) w), howdah.now()) r
          on r.key_hash = m.key_hash and m.nth > r.room);
  end if;
  with message as materialized (
    select w from unnest(v_window) w
  ), held_up as materialized (
    select k.key_hash
    from (select distinct (m.w).key_hash from message m) k
    where k.key_hash in (select unnest(v_busy))
      or exists (select from howdah.lane l where l.sub = v_sub.id and l.key_hash = k.key_hash)
      or exists (select from howdah.blocked b where b.sub = v_sub.id and b.key_hash = k.key_hash)
  ), sorted as (
    select f.w, f.waits, count(*) filter (where not f.waits) over (order by (f.w).position) as nth
    from (
      select m.w, (m.w).key_hash in (select h.key_hash from held_up h) or (m.w).position in (select unnest(v_over)) as waits
      from message m
    ) f
  )
  select coalesce(array_agg(s.w order by (s.w).position) filter (where not s.waits and s.nth <= v_quantity), '{}'),
    coalesce(array_agg(s.w order by (s.w).position) filter (where s.waits and s.nth < v_quantity), '{}'),
    case when max(s.nth) >= v_quantity
      then max((s.w).position) filter (where not s.waits and s.nth <= v_quantity) else v_end end
  into free, waiting, last
  from sorted s;
end
$$;
