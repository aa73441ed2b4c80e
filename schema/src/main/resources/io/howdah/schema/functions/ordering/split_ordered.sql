-- split() for a slice that names its keys: a new slice has its first v_size messages, owned as v_slice says; the
-- others are parked, before all others of their keys. The caller holds the cutting lock and the slice's lock.
create or replace function howdah.split_ordered(v_slice howdah.slice, v_head howdah.slice, v_size int) returns howdah.slice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rows constant howdah.parked[] := howdah.open_rows(v_slice, null);
  v_new howdah.slice;
begin
  insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, low_seg, high_seg,
    token, deadline, at, reaped_at, owner, positions, keys, xids, seqs)
  select howdah.current_segment(), v_slice.attempt, v_slice.sub, v_head.no + 1, v_head.source_at, v_head.return_at,
    v_head.floor, v_slice.src, min(r.position), max(r.position), count(*), min(r.seg), max(r.seg), v_slice.token,
    v_slice.deadline, howdah.now(), v_head.reaped_at, v_slice.owner, array_agg(r.position), array_agg(r.key_hash),
    array_agg(r.xid), array_agg(r.seq)
  from unnest(v_rows[:v_size]) r
  returning * into v_new;
  perform howdah.park(v_rows[v_size + 1:]);
  perform howdah.close_slice(v_slice, 'split');
  return v_new;
end
$$;
