-- Hands a slice that lapsed or was handed back to a new claimer.
--
-- The slice's row is locked first and looked at in the next statement: whoever closed it in between is seen, and a settle in
-- progress, even a prepared one, keeps its lock, so the slice is skipped and nobody waits. A take-over is a row in `held`
-- with a new token; the old token is void from then on. A slice that lapses is suspected to hold a message that kills its
-- consumer: it comes back whole once, then in halves, then one by one, so such a message ends alone, waits a while between
-- its attempts, and is a dead letter when they are used up. A slice larger than the claimer wants is cut into pieces too;
-- one of which nothing is left (two old snapshots settled a part each, and neither saw the other) is closed. Limits: a
-- lapsed slice is in flight already, so it needs no more permits than it has; if there are fewer now, all of it becomes
-- free. Where keys are limited too, its messages are parked instead, up to a thousand at a time, and cut_ordered takes them.
-- The caller holds the cutting lock; v_head is the newest slice. Returns a row of nulls when nothing could be taken.
create or replace function howdah.take_back(
  v_sub howdah.subscription,
  v_head howdah.slice,
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
  v_no bigint;
  v_slice howdah.slice;
  v_count int;
  v_size int;
  v_lapsed boolean;
  v_low smallint;
  v_high smallint;
  v_now constant timestamptz := howdah.now();
  v_slots bigint := v_quantity;
  v_rated bigint := v_quantity;
  v_most bigint;
  v_parked int := 0;
begin
  if v_sub.limited then
    select p.slots, p.rated into v_slots, v_rated from howdah.permit(v_sub, v_head, v_owner) p;
  end if;
  select * into v_low, v_high from howdah.floor_span(v_head);
  for v_no in select * from howdah.free_slices(v_head, v_low, v_high, v_now) loop
    perform from howdah.slice s where s.sub = v_sub.id and s.no = v_no for update skip locked;
    continue when not found;
    v_slice := howdah.open_slice(v_sub.id, v_no);
    continue when v_slice.no is null or (v_slice.token <> 0 and v_slice.deadline >= v_now);

    v_lapsed := v_slice.token <> 0;
    v_slice.attempt := least(v_slice.attempt + v_lapsed::int, 30000);
    v_count := cardinality(howdah.open_positions(v_slice));
    if v_count = 0 then
      perform howdah.close_slice(v_slice, 'done');
      continue;
    end if;
    if v_lapsed and v_count = 1 and howdah.settle_lapsed(v_sub, v_slice) then
      v_slots := v_slots + 1;
      continue;
    end if;
    if v_sub.key_limited then
      perform howdah.park_slice(v_sub, v_slice);
      v_parked := v_parked + v_count;
      exit when v_parked >= 1000;
      continue;
    end if;
    v_most := least(v_quantity, v_rated, v_slots + case when v_lapsed then v_count else 0 end);
    if v_most < 1 then
      if v_lapsed then
        perform howdah.hand_back(v_slice);
        v_slots := v_slots + v_count;
      end if;
      continue;
    end if;
    v_size := case
      when not v_lapsed or v_slice.attempt = 1 then v_count
      when v_slice.attempt = 2 then (v_count + 1) / 2
      else 1
    end;
    v_slice.token := howdah.new_secret();
    v_slice.deadline := v_now + v_lease;
    v_slice.owner := v_owner;
    if least(v_size, v_most) < v_count then
      return case when v_slice.xids is null then howdah.split(v_slice, v_head, least(v_size, v_most)::int)
        else howdah.split_ordered(v_slice, v_head, least(v_size, v_most)::int) end;
    end if;
    insert into howdah.held as h (sub, no, seg, attempt, token, deadline, owner)
    values (v_slice.sub, v_slice.no, v_slice.seg, v_slice.attempt, v_slice.token, v_slice.deadline, v_slice.owner)
    on conflict (sub, no) do update
    set attempt = excluded.attempt, token = excluded.token, deadline = excluded.deadline, owner = excluded.owner;
    return v_slice;
  end loop;
  return null;
end
$$;
