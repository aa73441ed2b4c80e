-- Gives positions to a window of more than 2,000 messages: in the order of seq, about 1,000 to a tick.
--
-- A transaction with more than 1,000 messages of this stream is placed as a whole where its last message stands: who
-- committed before that has smaller numbers, who published after its commit has larger ones, so no cause comes after
-- its effect. It gets ticks of its own, because a reader then finds its messages by (xid, seq) alone; the other
-- messages are cut into runs between such blocks. A tick names its own transactions, neighbours joined to ranges, so that
-- a reader does not walk over the rest of the window; ranges are cut with the window, because a transaction that still
-- runs may have numbers of its own in between. Only the last tick carries `seen`.
-- The caller holds the stream's lock.
create or replace function howdah.cut_window(
  v_stream int,
  v_epoch howdah.epoch,
  v_last bigint,
  v_window int8multirange,
  v_finished int8multirange
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set enable_nestloop = off
set enable_hashjoin = on
set jit = off
set work_mem = '64MB'
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
  ), writer as materialized (
    select m.xid, row_number() over (order by m.xid) as rank, case when count(*) > 1000 then max(m.seq) end as place
    from message m
    group by m.xid
  ), placed as (
    select m.seq, m.seg, w.xid, w.rank, w.place is not null as big, coalesce(w.place, m.seq) as place
    from message m join writer w on w.xid = m.xid
  ), marked as (
    select p.*,
      (p.big or lag(p.big) over moment) and p.xid is distinct from lag(p.xid) over moment as starts
    from placed p
    window moment as (order by p.place, p.seq)
  ), run as (
    select m.*, count(*) filter (where m.starts) over (order by m.place, m.seq rows unbounded preceding) as run
    from marked m
  ), numbered as materialized (
    select r.*, (row_number() over (partition by r.run order by r.place, r.seq) - 1) / 1000 as piece from run r
  ), neighbours as (
    select w.run, w.piece, w.xid, w.rank - row_number() over (partition by w.run, w.piece order by w.rank) as island
    from (select n.run, n.piece, n.xid, n.rank from numbered n group by n.run, n.piece, n.xid, n.rank) w
  ), named as (
    select i.run, i.piece, range_agg(i.xids) * v_window as xids
    from (
      select n.run, n.piece, int8range(min(n.xid), max(n.xid), '[]') as xids
      from neighbours n group by n.run, n.piece, n.island
    ) i
    group by i.run, i.piece
  ), tick as (
    select n.run, n.piece, n.n, n.lo, n.hi, n.segs, m.xids
    from (
      select p.run, p.piece, count(*)::int as n, min(p.seq) as lo, max(p.seq) as hi, bit_or(1 << p.seg) as segs
      from numbered p group by p.run, p.piece
    ) n
      join named m on m.run = n.run and m.piece = n.piece
  )
  insert into howdah.tick (seg, stream, epoch, segs, first, n, lo, hi, at, xids, seen)
  select howdah.current_segment(), v_stream, v_epoch.no, t.segs,
    v_last + 1 + coalesce(sum(t.n) over (order by t.run, t.piece rows between unbounded preceding and 1 preceding), 0),
    t.n, t.lo, t.hi, howdah.now(), t.xids,
    case when lead(t.n) over (order by t.run, t.piece) is null then v_finished end
  from tick t;
end
$$;
