-- cut() for a keyed subscription: one whose messages are handed out in the order of their keys, or whose keys are limited.
--
-- A key's messages are in three places, one after the other: in open slices (where there is an order, in one), then parked,
-- then behind the cursor. So no key is handed out while it is busy, and what is parked goes before what the cursor reaches;
-- a message that cannot be handed out yet is parked, and the cursor goes on to other keys. A slice takes parked messages
-- first, then reads on, where keys are limited for others than it has; 'strict' has one key and parks only what is given
-- back or failed; 'job' parks everything and hands out one message of a key, by time. All of this happens under the cutting
-- lock and in statements after it; settle, which takes no such lock, only ends what a slice has, and puts back what failed
-- before the slice loses it.
-- The keys in flight are read first: whatever is settled meanwhile makes more keys free, never fewer.
-- Returns a row of nulls when there is nothing.
create or replace function howdah.cut_ordered(
  v_sub howdah.subscription,
  v_head howdah.slice,
  v_return boolean,
  v_quantity int,
  v_lease interval,
  v_owner text
) returns howdah.slice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
set enable_hashjoin = off
as $$
declare
  v_flight constant bigint[] := howdah.keys_in_flight(v_sub, v_head);
  v_busy bigint[] := howdah.busy_keys(v_sub, v_flight);
  v_now constant timestamptz := howdah.now();
  v_src constant int := case when v_return then v_sub.return_stream else v_sub.stream end;
  v_at bigint := case when v_return then v_head.return_at else v_head.source_at end;
  v_from constant bigint := v_at;
  v_rows howdah.parked[] := '{}';
  v_ahead record;
  v_low smallint;
  v_high smallint;
  v_slice howdah.slice;
begin
  if v_sub.ordering = 'strict' and howdah.is_held_up(v_sub, v_busy, v_now) then
    return null;
  end if;
  if v_sub.ordering = 'job' then
    v_at := (howdah.look_ahead(v_sub, v_src, v_busy, v_flight, v_quantity, v_at)).v_at;
  end if;
  v_rows := howdah.unpark(v_sub, v_busy, v_flight, v_quantity, v_now);
  if v_sub.key_limited then
    v_busy := v_busy || array(select r.key_hash from unnest(v_rows) r where r.key_hash <> 0);
  end if;
  if v_sub.ordering <> 'job' and cardinality(v_rows) < v_quantity
      and (cardinality(v_rows) = 0 or (v_rows[1].src = v_src and v_rows[1].attempt = 0)) then
    v_ahead := howdah.look_ahead(v_sub, v_src, v_busy, v_flight, v_quantity - cardinality(v_rows), v_at);
    v_at := v_ahead.v_at;
    v_rows := v_rows || v_ahead.free;
  end if;
  if cardinality(v_rows) = 0 then
    if v_at > v_from then
      perform howdah.move_cursor(v_head, case when v_return then v_head.source_at else v_at end,
        case when v_return then v_at else v_head.return_at end);
    end if;
    return null;
  end if;

  select * into v_low, v_high from howdah.floor_span(v_head);
  insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, low_seg, high_seg,
    token, deadline, at, reaped_at, owner, positions, keys, xids, seqs)
  select howdah.current_segment(), min(r.attempt), v_sub.id, v_head.no + 1,
    case when v_return then v_head.source_at else v_at end, case when v_return then v_at else v_head.return_at end,
    coalesce((select o from howdah.open_numbers(v_head, v_low, v_high) o limit 1), v_head.no + 1),
    min(r.src), min(r.position), max(r.position), count(*), min(r.seg), max(r.seg), howdah.new_secret(), v_now + v_lease,
    v_now, v_head.reaped_at, v_owner, array_agg(r.position order by r.position), array_agg(r.key_hash order by r.position),
    array_agg(r.xid order by r.position), array_agg(r.seq order by r.position)
  from unnest(v_rows) r
  returning * into v_slice;
  return v_slice;
end
$$;
