-- The epoch that this database is in; opens one when this is the first look after a restore, promotion or upgrade.
--
-- A restored database has another birth, and ids of its transactions mean others than in the log that came with the
-- dump: the log below first_seq of the new epoch is read by number, and above it by transaction, so they never mix. With
-- the same birth ids go on, and only the name of the epoch changes. Called under a stream's lock; two streams may find
-- the change at once, then the second waits and takes the first's.
create or replace function howdah.current_epoch() returns howdah.epoch
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_epoch howdah.epoch;
  v_birth howdah.birth;
  v_system constant bigint := (select c.system_identifier from pg_control_system() c);
  v_timeline constant text := left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
begin
  select b.* into strict v_birth from howdah.birth b;
  loop
    select e.* into strict v_epoch from howdah.epoch e order by e.no desc limit 1;
    if (v_epoch.birth, v_epoch.system, v_epoch.timeline) = (v_birth.id, v_system, v_timeline) then
      return v_epoch;
    end if;
    insert into howdah.epoch (no, birth, system, database, timeline, first_seq)
    values (v_epoch.no + 1, v_birth.id, v_system, v_birth.database, v_timeline,
      case when v_epoch.birth = v_birth.id or (v_epoch.system, v_epoch.database) = (v_birth.system, v_birth.database)
        then v_epoch.first_seq else v_birth.first_seq end)
    on conflict (no) do nothing;
  end loop;
end
$$;
