-- Moves the cursors of a subscription without handing anything out: a slice of no messages. The caller holds the cutting
-- lock; v_head is the newest slice.
create or replace function howdah.move_cursor(v_head howdah.slice, v_source_at bigint, v_return_at bigint) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, token, deadline,
    at, reaped_at)
  values (howdah.current_segment(), 0, v_head.sub, v_head.no + 1, v_source_at, v_return_at, v_head.floor, v_head.src,
    v_head.to_pos + 1, v_head.to_pos, 0, 0, 'infinity', howdah.now(), v_head.reaped_at);
end
$$;
