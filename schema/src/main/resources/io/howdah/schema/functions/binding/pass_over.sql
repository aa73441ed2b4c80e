-- Moves the cursors of filtered subscriptions on over what is not for them in a segment that is to be emptied: a queue
-- without a consumer must not hold back messages that it will never get. Those that are being claimed now are left alone.
-- Looks for about a second at each, and goes on in the next call.
create or replace function howdah.pass_over(v_seg smallint) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
  v_head howdah.slice;
  v_last bigint;
  v_hits bigint[];
  v_passed bigint;
begin
  for v_sub in select s.* from howdah.subscription s where s.filtered loop
    v_last := howdah.last_position_in(v_sub.stream, v_seg);
    continue when (howdah.newest_slice(v_sub.id)).source_at >= v_last;
    select s.* into v_sub from howdah.subscription s where s.id = v_sub.id for no key update skip locked;
    continue when not found;
    v_head := howdah.newest_slice(v_sub.id);
    continue when v_head.source_at >= v_last;
    select h.hits, h.last into v_hits, v_passed
    from howdah.next_hits(v_sub, v_sub.stream, v_head.source_at + 1, v_last, 1) h;
    v_passed := coalesce(v_hits[1] - 1, v_passed);
    if v_passed > v_head.source_at then
      perform howdah.move_cursor(v_head, v_passed, v_head.return_at);
    end if;
  end loop;
end
$$;
