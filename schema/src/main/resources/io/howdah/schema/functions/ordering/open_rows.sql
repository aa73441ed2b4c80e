-- What is left of a slice, as it would be parked: before everything else of its keys, with the attempts that v_slice says.
create or replace function howdah.open_rows(v_slice howdah.slice, v_ordering text) returns howdah.parked[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_open constant bigint[] := howdah.open_positions(v_slice);
begin
  return array(
    select row(v_slice.sub, coalesce(m.key_hash, howdah.key_hash(v_ordering, m.key, m.seq)), '-infinity', v_slice.src,
      m.position, m.xid, m.seq, v_slice.attempt, m.seg)::howdah.parked
    from howdah.slice_messages(v_slice) m
    where m.position in (select unnest(v_open))
    order by m.position);
end
$$;
