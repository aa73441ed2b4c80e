-- Whether a subscription has still to settle a message that lies in the log of one of its two streams: it has no position,
-- lies after the cursor and is taken, is parked behind its key, or is in an open slice. Part of is_unsettled. Reads one tick.
create or replace function howdah.is_waiting(
  v_sub howdah.subscription,
  v_src int,
  v_xid bigint,
  v_seq bigint,
  v_topic text,
  v_key text,
  v_id uuid
) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_head constant howdah.slice := howdah.newest_slice(v_sub.id);
  v_of_source constant boolean := v_src = v_sub.stream;
  v_tick howdah.tick;
  v_position bigint;
begin
  select t.* into v_tick
  from howdah.tick t
  where t.stream = v_src and v_seq between t.lo and t.hi and t.xids @> v_xid
  order by t.first desc limit 1;
  if not found then
    return not v_of_source or howdah.takes(v_sub, v_topic, v_key, v_id);
  end if;
  select m.position into v_position
  from howdah.messages_between(v_src, v_tick.first, v_tick.first + v_tick.n - 1) m
  where m.xid = v_xid and m.seq = v_seq;
  if v_position > (case when v_of_source then v_head.source_at else v_head.return_at end) then
    return (not v_of_source or howdah.takes(v_sub, v_topic, v_key, v_id, v_position))
      and not exists (
        select from howdah.purged u
        where u.sub = v_sub.id and u.src = v_src and u.upto >= v_position
          and (u.expression is null or coalesce('.' || v_topic, '') collate "C" ~ u.expression)
          and (u.key is null or u.key = v_key));
  end if;
  return exists (
      select from howdah.parked p
      where p.sub = v_sub.id and p.src = v_src and p.position = v_position
        and p.xid = v_xid and p.seq = v_seq)
    or exists (
      select from howdah.open_slices(v_head) o
        join howdah.slice s on s.seg = o.seg and s.sub = v_sub.id and s.no = o.no
      where o.src = v_src and v_position between o.from_pos and o.to_pos
        and v_position = any (howdah.open_positions(s)));
end
$$;
