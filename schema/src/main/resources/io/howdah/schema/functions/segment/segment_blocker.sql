-- Why a segment cannot be emptied yet; null if it can. Looks at what its children really hold, not at what they should:
-- every stream with messages or ticks in it must be sequenced, out of retention, and read by all its subscriptions, and
-- no slice that is open may lie in it. Keyed subscriptions need only the messages of what they have read, and no ticks: see
-- ordered_blocker.
create or replace function howdah.segment_blocker(v_segment howdah.segment) returns text
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
  v_closed_at constant timestamptz := (
    select min(s.opened_at) from howdah.segment s where s.volume = v_segment.volume and s.no > v_segment.no);
  v_stream howdah.stream;
  v_last bigint;
  v_reader text;
begin
  for v_stream in
    select s.* from howdah.streams_in(v_segment.seg) i (stream) join howdah.stream s on s.id = i.stream
  loop
    if v_stream.retention > '0' and howdah.now() < v_closed_at + v_stream.retention then
      return format('stream %s keeps its messages until %s', v_stream.name, v_closed_at + v_stream.retention);
    end if;
    if howdah.unsequenced_in(v_stream.id, v_segment.seg) then
      return format('stream %s has messages without a position in it', v_stream.name);
    end if;
    v_last := howdah.last_position_in(v_stream.id, v_segment.seg);
    select b.name into v_reader
    from howdah.subscription b
      cross join lateral (select s.* from howdah.slice s where s.sub = b.id order by s.no desc limit 1) head
    where (b.stream = v_stream.id and head.source_at < v_last)
      or (b.return_stream = v_stream.id and head.return_at < v_last)
      or ((b.stream = v_stream.id or b.return_stream = v_stream.id)
        and exists (
          select
          from howdah.open_slices(head) o join howdah.slice s on s.seg = o.seg and s.sub = b.id and s.no = o.no
          where o.src = v_stream.id and o.from_pos <= v_last and s.xids is null))
    limit 1;
    if found then
      return format('subscription %s has not settled all of stream %s in it', v_reader, v_stream.name);
    end if;
  end loop;

  select b.name into v_reader
  from howdah.subscription b
    cross join lateral (select s.* from howdah.slice s where s.sub = b.id order by s.no desc limit 1) head
  where exists (select from howdah.open_slices(head) o where o.seg = v_segment.seg)
  limit 1;
  return 'subscription ' || v_reader || ' has open slices in it';
end
$$;
