-- Takes one slice for a claimer: the core of claim.
--
-- The lock on the subscription's row is the cutting lock: under it, and in a statement after it, the newest slice tells
-- where the cursors stand, and new slice numbers are drawn. Lock order is subscription, stream, slice; slices are never
-- waited for. First a slice that lapsed or was handed back; else new positions, from the return stream and the source in
-- turns. A clock that was set back must not keep lapsed slices waiting. Returns a row of nulls when there is nothing.
create or replace function howdah.take(v_sub howdah.subscription, v_quantity int, v_lease interval, v_owner text)
returns howdah.slice
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
  v_head howdah.slice;
  v_slice howdah.slice;
  v_now timestamptz;
begin
  perform from howdah.subscription s where s.id = v_sub.id for no key update skip locked;
  if not found and not howdah.wait_for_subscription(v_sub.id) then
    return null;
  end if;
  select s.* into strict v_head from howdah.slice s where s.sub = v_sub.id order by s.no desc limit 1;
  v_now := howdah.now();

  if v_head.reaped_at not between v_now - interval '1 s' and v_now then
    v_slice := howdah.take_back(v_sub, v_head, v_quantity, v_lease, v_owner);
    if v_slice.no is not null then
      return v_slice;
    end if;
    select s.* into strict v_head from howdah.slice s where s.sub = v_sub.id order by s.no desc limit 1;
    v_head.reaped_at := v_now;
  end if;

  v_slice := howdah.cut(v_sub, v_head, v_head.no % 2 = 0, v_quantity, v_lease, v_owner);
  if v_slice.no is null then
    v_slice := howdah.cut(v_sub, v_head, v_head.no % 2 <> 0, v_quantity, v_lease, v_owner);
  end if;
  if v_slice.no is null and v_head.reaped_at <> v_now then
    v_slice := howdah.take_back(v_sub, v_head, v_quantity, v_lease, v_owner);
  end if;
  return v_slice;
end
$$;
