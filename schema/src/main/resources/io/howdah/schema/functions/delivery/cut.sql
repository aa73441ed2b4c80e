-- Cuts the next slice from a subscription's source or from its return stream: up to v_quantity positions after the
-- cursor, owned by the claimer at once. Sequences the stream when the cursor stands at its end. The caller holds the
-- cutting lock and has read v_head, the newest slice, under it. A large slice ends where a tick ends if one ends in its
-- second half: reading a part of a tick costs as much as all of it. Returns a row of nulls when there is nothing. A
-- filtered subscription gets a slice that lists its positions; where there are none, the cursor moves without a slice.
--
-- The slice names the ring children of its ticks and messages. Ticks follow the segments as slices do, so one that lies
-- beside the newest tick has all between them there too. OFFSET 0 keeps the planner from reading all that was ever
-- closed in a segment instead of looking up the few that are asked for.
create or replace function howdah.cut(
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
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_src constant int := case when v_return then v_sub.return_stream else v_sub.stream end;
  v_at constant bigint := case when v_return then v_head.return_at else v_head.source_at end;
  v_now constant timestamptz := howdah.now();
  v_seg constant smallint := howdah.current_segment();
  v_tick howdah.tick := howdah.newest_tick(v_src);
  v_last bigint;
  v_first bigint;
  v_segs int;
  v_end bigint;
  v_floor bigint;
  v_low smallint;
  v_high smallint;
  v_hits bigint[];
  v_slice howdah.slice;
begin
  if v_tick.first + v_tick.n - 1 <= v_at then
    v_tick := howdah.sequence_stream(v_src);
    if v_tick.first is null or v_tick.first + v_tick.n - 1 <= v_at then
      return null;
    end if;
  end if;
  v_last := least(v_tick.first + v_tick.n - 1, v_at + v_quantity);
  if v_sub.filtered then
    select h.hits, h.last into v_hits, v_last
    from howdah.next_hits(v_sub, v_src, v_at + 1, v_tick.first + v_tick.n - 1, v_quantity) h;
    if cardinality(v_hits) = 0 then
      perform howdah.move_cursor(v_head, case when v_return then v_head.source_at else v_last end,
        case when v_return then v_last else v_head.return_at end);
      return null;
    end if;
  end if;
  v_first := v_tick.first;
  v_segs := v_tick.segs | (1 << v_tick.seg);
  if v_first > v_at + 1 then
    select t.first into v_first
    from howdah.tick t
    where t.seg = v_tick.seg and t.stream = v_src and t.first <= v_at + 1 order by t.first desc limit 1;
    select bit_or(t.segs | (1 << t.seg)), max(t.first) - 1 into v_segs, v_end
    from howdah.tick t
    where t.seg = v_tick.seg and t.stream = v_src and t.first between v_first and v_last + 1;
    if v_quantity >= 256 and v_hits is null and v_last < v_tick.first + v_tick.n - 1 and v_end >= v_at + v_quantity / 2 then
      v_last := v_end;
    end if;
  end if;

  select * into v_low, v_high from howdah.floor_span(v_head);
  select s.no into v_floor
  from howdah.slice s
  where s.seg between v_low and v_high and s.sub = v_sub.id and s.no >= v_head.floor and s.n > 0
    and not exists (select from howdah.held h where h.sub = s.sub and h.no = s.no offset 0)
    and not exists (
      select from howdah.closed c
      where c.seg between v_low and v_high and c.seg = s.seg and c.sub = s.sub and c.no = s.no
      offset 0)
  order by s.no
  limit 1;
  insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, low_seg, high_seg,
    token, deadline, at, reaped_at, owner, positions)
  values (v_seg, 0, v_sub.id, v_head.no + 1, case when v_return then v_head.source_at else v_last end,
    case when v_return then v_last else v_head.return_at end, coalesce(v_floor, v_head.no + 1), v_src,
    coalesce(v_hits[1], v_at + 1), coalesce(v_hits[cardinality(v_hits)], v_last),
    coalesce(cardinality(v_hits), v_last - v_at), case when v_segs = 1 << v_tick.seg then v_tick.seg else 0 end,
    case when v_segs = 1 << v_tick.seg then v_tick.seg else 7 end, howdah.new_secret(), v_now + v_lease, v_now,
    v_head.reaped_at, v_owner,
    case when v_hits[cardinality(v_hits)] - v_hits[1] >= cardinality(v_hits) then v_hits end)
  returning * into v_slice;
  return v_slice;
end
$$;
