-- Empties a segment that nobody needs any more: TRUNCATE of its five ring children.
--
-- What waits in it for its key is carried out first, and only when nothing else keeps it. What idle streams and
-- subscriptions need of it, their newest tick and newest slice, is written again into the current segment. Then the
-- children are locked, for at most 50 ms because claims queue up behind the request, and everything is looked at again in a
-- new statement: a publisher that read the current segment long ago may have come in the meantime. An open transaction
-- that wrote into the segment holds a lock on it, so nothing uncommitted is lost. If it cannot be emptied now the copies
-- are taken back: a tick that is there twice would give each of its messages two positions. What was carried stays so.
create or replace function howdah.empty_segment(v_oldest howdah.segment) returns table (action text, detail text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
as $$
#variable_conflict use_column
declare
  v_blocker text := howdah.segment_blocker(v_oldest);
  v_carried record;
begin
  if v_blocker is null then
    select * into v_carried from howdah.carry(v_oldest);
    if v_carried.messages > 0 then
      return query select 'carried', format('%s message(s) out of segment %s', v_carried.messages, v_oldest.no);
    end if;
    v_blocker := coalesce(v_carried.blocker, howdah.ordered_blocker(v_oldest.seg));
  end if;
  if v_blocker is null then
    begin
      v_blocker := howdah.copy_forward(v_oldest);
      if v_blocker is null then
        execute format('lock table howdah.log_%1$s, howdah.tick_%1$s, howdah.slice_%1$s, howdah.closed_%1$s,
          howdah.part_%1$s in access exclusive mode', v_oldest.seg);
        v_blocker := coalesce(howdah.segment_blocker(v_oldest), howdah.ordered_blocker(v_oldest.seg));
      end if;
      if v_blocker is not null then
        raise exception using errcode = 'HD000', message = v_blocker;
      end if;
      perform howdah.move_horizons(v_oldest);
      execute format('truncate howdah.log_%1$s, howdah.tick_%1$s, howdah.slice_%1$s, howdah.closed_%1$s, howdah.part_%1$s',
        v_oldest.seg);
      delete from howdah.segment s where s.volume = v_oldest.volume and s.no = v_oldest.no;
    exception
      when lock_not_available then
        v_blocker := 'an open transaction uses it';
      when sqlstate 'HD000' then
        null;
    end;
  end if;
  return query select case when v_blocker is null then 'emptied' else 'waiting' end,
    format('segment %s%s', v_oldest.no, ': ' || v_blocker);
end
$$;
