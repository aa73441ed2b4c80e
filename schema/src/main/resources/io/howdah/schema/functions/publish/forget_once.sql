-- Forgets deduplication keys whose window is over, at most 10,000; part of housekeep. Keys that are just being used again
-- stay. One that is held goes when its message is no longer in the log or the schedule; until then it is looked at again
-- every ten minutes.
create or replace function howdah.forget_once(v_now timestamptz) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_count int;
begin
  with old as materialized (
    select l.stream, l.key,
      l.held and (exists (select from howdah.log g where g.id = l.id and g.keeps_key)
        or exists (select from howdah.carried c where c.id = l.id and c.keeps_key)
        or exists (select from howdah.due d where d.id = l.id)) as stays
    from howdah.once l
    where l.until <= v_now
    order by l.until
    limit 10000
    for update skip locked
  ), kept as (
    update howdah.once o set until = v_now + interval '10 min'
    from old where old.stays and o.stream = old.stream and o.key = old.key
  )
  delete from howdah.once o
  using old
  where not old.stays and o.stream = old.stream and o.key = old.key;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
