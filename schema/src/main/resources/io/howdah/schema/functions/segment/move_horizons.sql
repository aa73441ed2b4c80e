-- Notes for each stream with messages in a segment up to which position they are gone, before the segment is emptied.
-- A stream that is being dropped needs no horizon: it is passed over, because its key might be gone a moment later.
create or replace function howdah.move_horizons(v_segment howdah.segment) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into howdah.horizon as h (stream, position, at)
  select s.id, l.position, coalesce((
    select t.at from howdah.tick t where t.stream = s.id and t.first <= l.position order by t.first desc limit 1), '-infinity')
  from howdah.streams_in(v_segment.seg) i (stream) join howdah.stream s on s.id = i.stream
    cross join lateral howdah.last_position_in(s.id, v_segment.seg) l (position)
  for key share of s skip locked
  on conflict (stream) do update
  set position = greatest(h.position, excluded.position), at = greatest(h.at, excluded.at);
end
$$;
