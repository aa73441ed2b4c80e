-- Forgets deduplication keys whose window is over, at most 10,000; part of housekeep. Keys that are just being used again
-- stay.
create or replace function howdah.forget_once(v_now timestamptz) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_count int;
begin
  delete from howdah.once o
  using (
    select l.stream, l.key from howdah.once l where l.until <= v_now order by l.until limit 10000 for update skip locked
  ) gone
  where o.stream = gone.stream and o.key = gone.key;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
