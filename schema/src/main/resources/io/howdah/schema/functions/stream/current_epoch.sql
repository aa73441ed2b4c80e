-- The number of the epoch that this database is in. After a promotion (new timeline) and after a restore (another
-- system or database) it opens one: a restored log is read by seq below first_seq, and by transaction id above it, so
-- ids that both clusters used never mix. The sequence travels with the dump, so new numbers are larger.
-- Called under a stream's lock; two streams may find the change at once, then the second waits and takes the first's.
create or replace function howdah.current_epoch() returns howdah.epoch
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_epoch howdah.epoch;
  v_system constant bigint := (select c.system_identifier from pg_control_system() c);
  v_database constant oid := (select d.oid from pg_database d where d.datname = current_database());
  v_timeline constant text := left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
begin
  loop
    select e.* into strict v_epoch from howdah.epoch e order by e.no desc limit 1;
    if (v_epoch.system, v_epoch.database, v_epoch.timeline) = (v_system, v_database, v_timeline) then
      return v_epoch;
    end if;
    insert into howdah.epoch (no, system, database, timeline, first_seq)
    values (v_epoch.no + 1, v_system, v_database, v_timeline,
      case when (v_epoch.system, v_epoch.database) = (v_system, v_database) then v_epoch.first_seq
        else nextval('howdah.block') << 13 end)
    on conflict (no) do nothing;
  end loop;
end
$$;
