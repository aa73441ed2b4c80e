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
  v_first_seq constant bigint := (select e.first_seq from howdah.epoch e order by e.no desc limit 1);
  v_tick howdah.tick;
begin
  select t.* into v_tick from howdah.tick t where t.stream = v_stream order by t.first desc limit 1;
  if v_first_seq > (select e.first_seq from howdah.epoch e where e.no = coalesce(v_tick.epoch, 1)) then
    return exists (select from howdah.log l where l.seg = v_seg and l.stream = v_stream);
  end if;
  return exists (
    select
    from unnest(int8multirange(int8range(0, 9223372036854775807)) - coalesce(v_tick.seen, '{}')) r
      cross join lateral (
        select from howdah.log l
        where l.seg = v_seg and l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq >= v_first_seq
        offset 0
      ) l);
end
$$;
