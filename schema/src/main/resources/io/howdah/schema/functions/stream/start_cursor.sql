-- Where a cursor of a stream has to stand so that it starts with what is asked for: one of `start` (now, beginning), a time,
-- or a position; with nothing, now. Now gives positions to all that has been committed, and starts after it. A time starts
-- with the first message that was published then or later. The caller keeps rotation away (see create_subscription).
-- Raises 22023 for what contradicts itself or lies in the future, HD416 where messages from there on are gone already:
-- nothing is skipped in silence. 55P03 when another session has been sequencing for a second.
create or replace function howdah.start_cursor(
  v_stream int,
  v_start text,
  v_time timestamptz,
  v_position bigint
) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_gone howdah.horizon;
  v_last bigint;
  v_bad text;
begin
  v_bad := case
    when num_nonnulls(v_start, v_time, v_position) > 1 then 'start, start_time and start_position exclude each other'
    when v_start not in ('now', 'beginning') then format('start must be now or beginning but was %s', left(v_start, 40))
    when v_time > howdah.now() or not isfinite(v_time) then format('start_time must be a time that is past but was %s', v_time)
    when v_position < 1 then format('start_position must be at least 1 but was %s', v_position)
  end;
  if v_bad is null and v_start is distinct from 'beginning' then
    select t.first + t.n - 1 into v_last from howdah.sequence_stream(v_stream) t;
    if v_last is null then
      raise exception using errcode = '55P03', message = 'the stream is being sequenced by another session',
        hint = 'Try again; look for a session that is idle in transaction after a claim.';
    elsif v_position > v_last + 1 then
      v_bad := format('start_position %s lies in the future: the last position is %s', v_position, v_last);
    end if;
  end if;
  if v_bad is not null then
    raise exception using errcode = '22023', message = v_bad,
      hint = 'now takes what is published from now on, beginning what the stream still has; or give a time or a position.';
  end if;

  select h.* into v_gone from howdah.horizon h where h.stream = v_stream;
  if v_position <= v_gone.position then
    raise exception using errcode = 'HD416',
      message = format('position %s is gone, and so are the %s message(s) from there to position %s', v_position,
        v_gone.position - v_position + 1, v_gone.position),
      hint = format('The stream starts with position %s now; start => ''beginning'' takes what it still has.',
        v_gone.position + 1);
  elsif v_time <= v_gone.at then
    raise exception using errcode = 'HD416',
      message = format('messages that were published up to %s, position %s, are gone', v_gone.at, v_gone.position),
      hint = 'Give a later time; start => ''beginning'' takes what the stream still has.';
  end if;
  return case
    when v_start = 'beginning' then coalesce(v_gone.position, 0)
    when v_position is not null then v_position - 1
    when v_time is not null then coalesce(howdah.position_from(v_stream, v_time) - 1, v_last)
    else v_last
  end;
end
$$;
