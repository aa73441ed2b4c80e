-- The messages that a restored dump brought along without a position, below the first number of the new epoch. They have
-- all been committed, so none can come later. `unseen` ones are of transactions that the newest tick had not seen. The
-- others have numbers above all that were ever given a position, so they were published after an earlier restore that
-- nothing was sequenced in: what their transaction ids meant there is not known, and `seen` says nothing about them.
create or replace function howdah.left_behind(v_stream int, v_tick howdah.tick, v_epoch howdah.epoch)
returns table (seq bigint, seg smallint, published_at timestamptz, unseen boolean)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_first constant bigint := (select e.first_seq from howdah.epoch e where e.no = v_tick.epoch);
  v_high constant bigint := coalesce((select max(t.hi) from howdah.tick t where t.stream = v_stream), v_first - 1);
begin
  return query
  select l.seq, l.seg, l.published_at, r.unseen
  from (
    select true, unnest(int8multirange(int8range(0, 9223372036854775807)) - v_tick.seen), v_first, v_high
    union all
    select false, int8range(0, 9223372036854775807), v_high + 1, v_epoch.first_seq - 1
  ) r (unseen, xids, low, high)
    cross join lateral (
      select * from howdah.log l
      where l.stream = v_stream and l.xid >= lower(r.xids) and l.xid < upper(r.xids)
        and l.seq between r.low and least(r.high, v_epoch.first_seq - 1)
      offset 0
    ) l;
end
$$;
