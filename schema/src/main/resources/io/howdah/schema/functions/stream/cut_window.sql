-- Gives positions to a window of more than 2,000 messages: in the order of seq, about 1,000 to a tick.
--
-- A transaction with more than 1,000 messages of this stream is placed as a whole where its last message stands: who
-- committed before that has smaller numbers, who published after its commit has larger ones, so no cause comes after
-- its effect. It gets ticks of its own, because a reader then finds its messages by (xid, seq) alone; the other
-- messages are cut into runs between such blocks. A tick names only the transactions near its own, in runs with small
-- gaps, so that a reader does not walk over the rest of the window. Only the last tick carries `seen`.
-- Returns the last position. The caller holds the stream's lock.
create or replace function howdah.cut_window(
  v_stream int,
  v_epoch howdah.epoch,
  v_last bigint,
  v_window int8multirange,
  v_finished int8multirange
) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
set work_mem = '64MB'
as $$
begin
  with message as materialized (
    select l.xid, l.seq, l.seg
    from unnest(v_window) r
      join howdah.log l on l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq >= v_epoch.first_seq
  ), big as materialized (
    select m.xid, max(m.seq) as place from message m group by m.xid having count(*) > 1000
  ), placed as (
    select m.xid, m.seq, m.seg, b.xid as big, coalesce(b.place, m.seq) as place
    from message m left join big b on b.xid = m.xid
  ), marked as (
    select p.*, p.big is distinct from lag(p.big) over (order by p.place, p.seq) as starts from placed p
  ), run as (
    select m.*, count(*) filter (where m.starts) over (order by m.place, m.seq rows unbounded preceding) as run
    from marked m
  ), numbered as (
    select r.*, (row_number() over (partition by r.run order by r.place, r.seq) - 1) / 1000 as piece from run r
  ), tick as (
    select n.run, n.piece, count(*)::int as n, min(n.seq) as lo, max(n.seq) as hi, bit_or(1 << n.seg) as segs,
      case when min(n.big) is null
        then range_agg(int8range(n.xid - 512, n.xid + 513)) * v_window
          - coalesce((select range_agg(int8range(b.xid, b.xid, '[]')) from big b), '{}')
        else int8multirange(int8range(min(n.big), min(n.big), '[]'))
      end as xids
    from numbered n
    group by n.run, n.piece
  )
  insert into howdah.tick (seg, stream, epoch, segs, first, n, lo, hi, at, xids, seen)
  select howdah.current_segment(), v_stream, v_epoch.no, t.segs,
    v_last + 1 + coalesce(sum(t.n) over (order by t.run, t.piece rows between unbounded preceding and 1 preceding), 0),
    t.n, t.lo, t.hi, howdah.now(), t.xids,
    case when lead(t.n) over (order by t.run, t.piece) is null then v_finished end
  from tick t;

  return (select t.first + t.n - 1 from howdah.tick t where t.stream = v_stream order by t.first desc limit 1);
end
$$;
