-- Closes a slice and puts slices of v_size messages in its place; the first is owned as v_slice says, the others are
-- free. All carry the cursors of v_head, the newest slice, because the newest one is where the cursors are read. The
-- caller holds the cutting lock and the slice's lock. Returns the first.
create or replace function howdah.split(v_slice howdah.slice, v_head howdah.slice, v_size int) returns howdah.slice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_seg constant smallint := howdah.current_segment();
  v_first howdah.slice;
begin
  insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, low_seg, high_seg,
    token, deadline, at, reaped_at, owner, positions)
  select v_seg, v_slice.attempt, v_slice.sub, v_head.no + 1 + piece.no, v_head.source_at, v_head.return_at, v_head.floor,
    v_slice.src, min(piece.position), max(piece.position), count(*), v_slice.low_seg, v_slice.high_seg,
    case when piece.no = 0 then v_slice.token else 0 end, v_slice.deadline, howdah.now(), v_head.reaped_at,
    case when piece.no = 0 then v_slice.owner end,
    case when max(piece.position) - min(piece.position) >= count(*) then array_agg(piece.position order by piece.position) end
  from (
    select p.position, (p.o - 1) / v_size as no
    from unnest(howdah.open_positions(v_slice)) with ordinality as p (position, o)
  ) piece
  group by piece.no;
  perform howdah.close_slice(v_slice, 'split');
  select s.* into strict v_first from howdah.slice s where s.sub = v_slice.sub and s.no = v_head.no + 1;
  return v_first;
end
$$;
