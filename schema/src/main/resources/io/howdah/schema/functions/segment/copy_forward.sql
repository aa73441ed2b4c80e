-- Writes the newest tick of each stream and the newest slice of each subscription again, into the current segment, where
-- they lie in a segment that is to be emptied: they say where positions and cursors stand. Under the same locks as
-- sequence and claim, taken only if free; returns what was not free, or null.
create or replace function howdah.copy_forward(v_segment howdah.segment) returns text
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
  v_seg constant smallint := howdah.current_segment();
  v_id int;
  v_name text;
begin
  for v_id, v_name in
    select b.id, b.name
    from howdah.subscription b
    where (select s.seg from howdah.slice s where s.sub = b.id order by s.no desc limit 1) = v_segment.seg
  loop
    perform from howdah.subscription b where b.id = v_id for no key update skip locked;
    if not found then
      return format('subscription %s is being claimed', v_name);
    end if;
    insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, token,
      deadline, at, reaped_at)
    select v_seg, 0, s.sub, s.no + 1, s.source_at, s.return_at, s.floor, s.src, s.to_pos + 1, s.to_pos, 0, 0, 'infinity',
      howdah.now(), s.reaped_at
    from howdah.slice s where s.sub = v_id order by s.no desc limit 1;
  end loop;

  for v_id, v_name in
    select t.id, t.name
    from howdah.stream t
    where (select k.seg from howdah.tick k where k.stream = t.id order by k.first desc limit 1) = v_segment.seg
  loop
    perform from howdah.stream t where t.id = v_id for no key update skip locked;
    if not found then
      return format('stream %s is being sequenced', v_name);
    end if;
    insert into howdah.tick (seg, stream, epoch, segs, first, n, lo, hi, at, xids, seen)
    select v_seg, t.stream, t.epoch, 0, t.first, t.n, t.lo, t.hi, t.at, t.xids, t.seen
    from howdah.tick t where t.stream = v_id order by t.first desc limit 1
    on conflict do nothing;
  end loop;
  return null;
end
$$;
