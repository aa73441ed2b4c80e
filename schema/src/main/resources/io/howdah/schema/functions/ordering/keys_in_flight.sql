-- The keys of messages in open slices that are not settled yet, each as often as it has some: those that keep others of
-- their key waiting. A slice that lapsed or was handed back keeps its keys until it is settled, or its messages are parked.
-- v_head is the subscription's newest slice. Slices that were cut before keys were limited do not name them.
create or replace function howdah.keys_in_flight(v_sub howdah.subscription, v_head howdah.slice) returns bigint[]
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
  v_slice howdah.slice;
  v_settled bigint[];
  v_flight bigint[] := '{}';
begin
  if v_sub.ordering = 'none' and v_sub.key_concurrency is null then
    return v_flight;
  end if;
  for v_slice in
    select s.*
    from howdah.open_slices(v_head) o
      join howdah.slice s on s.seg = o.seg and s.sub = v_head.sub and s.no = o.no
  loop
    v_settled := array(
      select unnest(p.positions) from howdah.part p
      where p.seg = v_slice.seg and p.sub = v_slice.sub and p.no = v_slice.no);
    if v_slice.keys is null then
      v_flight := v_flight || array(
        select howdah.key_hash(v_sub.ordering, m.key, m.seq) from howdah.slice_messages(v_slice) m
        where m.position not in (select unnest(v_settled)));
    elsif cardinality(v_settled) = 0 then
      v_flight := v_flight || v_slice.keys;
    else
      v_flight := v_flight || array(
        select u.key from unnest(v_slice.positions, v_slice.keys) u (position, key)
        where u.position not in (select unnest(v_settled)));
    end if;
  end loop;
  return v_flight;
end
$$;
