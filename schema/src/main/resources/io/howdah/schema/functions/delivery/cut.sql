-- Cuts the next slice from a subscription's source or from its return stream: up to v_quantity positions after the
-- cursor, owned by the claimer at once. Sequences the stream when the cursor stands at its end. The caller holds the
-- cutting lock and has read v_head, the newest slice, under it. A large slice ends where a tick ends if one ends in its
-- second half: reading a part of a tick costs as much as all of it. Returns a row of nulls when there is nothing.
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
  v_last bigint := howdah.last_position(v_src);
  v_now constant timestamptz := howdah.now();
  v_end bigint;
  v_floor bigint;
  v_slice howdah.slice;
begin
  if v_last <= v_at and (howdah.unsequenced(v_src, 1)).n > 0 then
    v_last := howdah.sequence_stream(v_src);
  end if;
  if v_last is null or v_last <= v_at then
    return null;
  end if;
  v_last := least(v_last, v_at + v_quantity);
  if v_quantity >= 256 then
    select t.first - 1 into v_end
    from howdah.tick t where t.stream = v_src and t.first <= v_last + 1 order by t.first desc limit 1;
    if v_end >= v_at + v_quantity / 2 then
      v_last := v_end;
    end if;
  end if;

  select s.no into v_floor
  from howdah.slice s
  where s.sub = v_sub.id and s.no >= v_head.floor and s.n > 0
    and not exists (select from howdah.held h where h.sub = s.sub and h.no = s.no)
    and not exists (select from howdah.closed c where c.seg = s.seg and c.sub = s.sub and c.no = s.no)
  order by s.no
  limit 1;
  insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, token, deadline,
    at, reaped_at, owner)
  values (howdah.current_segment(), 0, v_sub.id, v_head.no + 1, case when v_return then v_head.source_at else v_last end,
    case when v_return then v_last else v_head.return_at end, coalesce(v_floor, v_head.no + 1), v_src, v_at + 1, v_last,
    v_last - v_at, howdah.new_secret(), v_now + v_lease, v_now, v_head.reaped_at, v_owner)
  returning * into v_slice;
  return v_slice;
end
$$;
