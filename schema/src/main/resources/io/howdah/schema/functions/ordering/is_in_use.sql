-- Whether a keyed subscription has a message that was carried parked, or in an open slice. Part of is_unsettled.
create or replace function howdah.is_in_use(v_sub howdah.subscription, v_src int, v_xid bigint, v_seq bigint)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
  return exists (
      select from howdah.parked p
      where p.seg = 8 and p.seq = v_seq and p.src = v_src and p.sub = v_sub.id and p.xid = v_xid)
    or exists (
      select from howdah.open_slices(howdah.newest_slice(v_sub.id)) o
        join howdah.slice s on s.seg = o.seg and s.sub = v_sub.id and s.no = o.no
        cross join lateral unnest(s.positions, s.xids, s.seqs) u (position, xid, seq)
      where s.high_seg = 8 and o.src = v_src and u.xid = v_xid and u.seq = v_seq
        and u.position = any (howdah.open_positions(s)));
end
$$;
