-- Puts a subscription at a place of its stream, back or forward: what lies there and behind it comes, each message once
-- and as if it had never been tried. See start_cursor for the place; it must be named.
--
-- What is in flight is fenced: its tokens are void. What the cursor had passed before that place and is not settled
-- stays: it comes again, or falls due; drop_unsettled gives it up, too. Direct messages and dead letters stay in any case.
-- Returns the next position, how many positions the cursor went back, and how many messages that wait will not come:
-- those that the cursor went forward over, and those that drop_unsettled gave up.
-- Waits for settles that are under way, up to 5 s. Everything happens under the cutting lock; the duty row keeps rotation away.
-- Slices come first, then what is due, then the return stream: a settle that was under way has put its retries there.
-- Raises HD404, HD416, 22023, 55P03, 0A000.
create or replace function howdah.seek(
  subscription text,
  start text default null,
  start_time timestamptz default null,
  start_position bigint default null,
  drop_unsettled boolean default false,
  out "position" bigint,
  out replayed bigint,
  out skipped bigint
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription;
  v_head howdah.slice;
  v_at bigint;
  v_to bigint;
  v_from bigint;
begin
  if num_nonnulls(seek.start, seek.start_time, seek.start_position) = 0 then
    raise exception using errcode = '22023', message = 'seek needs a place to go to',
      hint = 'Give start => ''beginning'' or ''now'', start_time or start_position.';
  end if;
  perform from howdah.duty d where d.name = 'rotate' for share;
  v_sub := howdah.lock_subscription(seek.subscription, 'seek');
  v_to := howdah.start_cursor(v_sub.stream, seek.start, seek.start_time, seek.start_position);
  v_head := howdah.newest_slice(v_sub.id);
  v_at := v_head.source_at;
  v_from := case when seek.drop_unsettled then 0 else v_to + 1 end;

  skipped := greatest(v_to - v_at, 0) + howdah.drop_open(v_sub, v_head, v_from, v_to)
    + howdah.drop_parked(v_sub, v_from, v_to) + howdah.drop_retries(v_sub, v_head, v_from, v_to);
  if v_to < v_at then
    perform howdah.rebind_past(v_sub.id, v_at + 1);
  end if;
  delete from howdah.purged u where u.sub = v_sub.id and u.src = v_sub.stream and u.upto > v_to;
  v_head := howdah.newest_slice(v_sub.id);
  perform howdah.move_cursor(v_head, v_to, v_head.return_at);
  perform howdah.wake(v_sub.name);
  position := v_to + 1;
  replayed := greatest(v_at - v_to, 0);
end
$$;
