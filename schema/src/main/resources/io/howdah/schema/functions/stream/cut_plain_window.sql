-- Gives positions to a window of at most 20,000 messages, none of whose transactions has more than 1,000 of them: in the
-- order of seq, 1,000 to a tick. False, having written nothing, for any other window.
--
-- A tick's transactions are those of the window between its smallest and its largest, so neighbouring ticks may name the
-- same ones; the bounds of seq tell their messages apart. A reader walks over the index entries of the others, at most
-- 20,000 of them. The caller holds the stream's lock.
create or replace function howdah.cut_plain_window(
  v_stream int,
  v_epoch howdah.epoch,
  v_last bigint,
  v_window int8multirange,
  v_finished int8multirange
) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
set work_mem = '16MB'
as $$
begin
  with message as materialized (
    select l.xid, l.seq, l.seg
    from unnest(v_window) r
      cross join lateral (
        select * from howdah.log l
        where l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq >= v_epoch.first_seq
        offset 0
      ) l
    limit 20001
  ), piece as (
    select m.no, count(*)::int as n, min(m.seq) as lo, max(m.seq) as hi, bit_or(1 << m.seg) as segs,
      min(m.xid) as low, max(m.xid) as high, max(m.no) over () as newest
    from (select n.*, (row_number() over (order by n.seq) - 1) / 1000 as no from message n) m
    group by m.no
  )
  insert into howdah.tick (seg, stream, epoch, segs, first, n, lo, hi, at, xids, seen)
  select howdah.current_segment(), v_stream, v_epoch.no, p.segs, v_last + 1 + p.no * 1000, p.n, p.lo, p.hi, howdah.now(),
    v_window * int8multirange(int8range(p.low, p.high, '[]')), case when p.no = p.newest then v_finished end
  from piece p
  where (
    select sum(w.n) <= 20000 and max(w.n) <= 1000 from (select count(*) as n from message m group by m.xid) w);
  return found;
end
$$;
