-- The keys of an ordered subscription that are in flight: those of messages in open slices that are not settled yet. A
-- slice that lapsed or was handed back keeps its keys until it is settled. v_head is the subscription's newest slice.
create or replace function howdah.busy_keys(v_head howdah.slice) returns bigint[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
set enable_hashjoin = off
as $$
declare
  v_slice howdah.slice;
  v_settled bigint[];
  v_busy bigint[] := '{}';
begin
  for v_slice in
    select s.*
    from howdah.open_slices(v_head) o
      join howdah.slice s on s.seg = o.seg and s.sub = v_head.sub and s.no = o.no
  loop
    v_settled := array(
      select unnest(p.positions) from howdah.part p
      where p.seg = v_slice.seg and p.sub = v_slice.sub and p.no = v_slice.no);
    if cardinality(v_settled) = 0 then
      v_busy := v_busy || v_slice.keys;
    else
      v_busy := v_busy || array(
        select u.key from unnest(v_slice.positions, v_slice.keys) u (position, key)
        where u.position not in (select unnest(v_settled)));
    end if;
  end loop;
  return array(select distinct b from unnest(v_busy) b);
end
$$;
