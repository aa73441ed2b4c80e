-- The messages that a restored dump brought along without a position: what the newest tick before it had not seen, below
-- the first number of the new epoch. They have all been committed, so none can come later.
create or replace function howdah.left_behind(v_stream int, v_tick howdah.tick, v_epoch howdah.epoch) returns setof howdah.log
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  return query
  select l.*
  from unnest(int8multirange(int8range(0, 9223372036854775807)) - v_tick.seen) r
    cross join lateral (
      select * from howdah.log l
      where l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq < v_epoch.first_seq
        and l.seq >= (select e.first_seq from howdah.epoch e where e.no = v_tick.epoch)
      offset 0
    ) l;
end
$$;
