-- Adds up the rows of tally that have come since the last time: one row for each subscription or stream and word is left.
-- Rows of transactions that are still open stay for the next time.
create or replace function howdah.fold_tallies() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if (select count(*) > count(distinct (t.sub, t.stream, t.what)) from howdah.tally t) then
    with old as (delete from howdah.tally t returning t.*)
    insert into howdah.tally (sub, stream, what, n)
    select o.sub, o.stream, o.what, sum(o.n) from old o group by o.sub, o.stream, o.what;
  end if;
end
$$;
