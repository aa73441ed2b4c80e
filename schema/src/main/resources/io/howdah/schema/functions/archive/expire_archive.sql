-- Deletes archived messages that have been kept for as long as their subscription says, up to 10,000 a call.
create or replace function howdah.expire_archive() returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count bigint;
begin
  delete from howdah.archive a
  using (
    select o.sub, o.no
    from howdah.subscription s
      cross join lateral (
        select e.sub, e.no from howdah.archive e
        where e.sub = s.id and e.archived_at < howdah.now() - s.archive_retention
        order by e.archived_at
        limit 10000
      ) o
    where s.archive_retention is not null
    limit 10000
  ) o
  where a.sub = o.sub and a.no = o.no;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
