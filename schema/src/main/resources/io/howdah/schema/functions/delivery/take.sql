-- Takes one slice for a claimer: the core of claim. v_where is what look() said.
--
-- The lock on the subscription's row is the cutting lock: under it, and in a statement after it, the newest slice tells
-- where the cursors stand, and new slice numbers are drawn. Lock order is subscription, stream, slice; slices are never
-- waited for. The subscription is read again under its lock: it may have become filtered or paused meanwhile. Once a second
-- slices that lapsed or were handed back come first, even while there is new work; a clock that was set back must not keep
-- them waiting. When somebody else was faster, it looks once more, now under the lock.
-- Returns a row of nulls when there is nothing.
create or replace function howdah.take(
  v_sub howdah.subscription,
  v_where text,
  v_quantity int,
  v_lease interval,
  v_owner text
) returns howdah.slice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_id constant int := v_sub.id;
  v_head howdah.slice;
  v_slice howdah.slice;
  v_now timestamptz;
  v_most int;
begin
  select s.* into v_sub from howdah.subscription s where s.id = v_id for no key update skip locked;
  if not found then
    if not howdah.wait_for_subscription(v_id) then
      return null;
    end if;
    select s.* into v_sub from howdah.subscription s where s.id = v_id;
  end if;
  if v_sub.paused then
    return null;
  end if;
  for turn in 1..2 loop
    v_head := howdah.newest_slice(v_sub.id);
    v_now := howdah.now();
    if v_sub.single_active and not howdah.take_over(v_sub, v_head, v_owner) then
      return null;
    end if;
    if v_where = 'free' or v_head.reaped_at not between v_now - interval '1 s' and v_now then
      if v_head.no - v_head.floor > 1000 then
        perform howdah.hold_stragglers(v_head);
      end if;
      v_slice := howdah.take_back(v_sub, v_head, v_quantity, v_lease, v_owner);
      v_head.reaped_at := v_now;
    end if;
    if v_slice.no is null and v_where <> 'free' then
      v_most := case when v_sub.limited then howdah.permitted(v_sub, v_head, v_owner, v_quantity) else v_quantity end;
      if v_most > 0 and not v_sub.keyed then
        v_slice := howdah.cut(v_sub, v_head, v_where = 'return', v_most, v_lease, v_owner);
      elsif v_most > 0 then
        v_slice := howdah.cut_ordered(v_sub, v_head, v_where = 'return', v_most, v_lease, v_owner);
      end if;
    end if;
    exit when v_slice.no is not null;
    v_where := howdah.look(v_sub, v_owner);
    exit when v_where is null;
  end loop;
  if v_sub.limited and v_slice.no is not null then
    perform howdah.note_claim(v_sub, v_head, v_slice, v_quantity);
  end if;
  return v_slice;
end
$$;
