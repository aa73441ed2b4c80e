-- What tells this database from its copies: one that was restored or promoted has another, as after an upgrade of the server.
-- Null in recovery: a standby may lag. Changes nothing. Raises 55000 while a dump is being restored into it.
create or replace function howdah.database_identity() returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if pg_is_in_recovery() then
    return null;
  end if;
  return (
    select concat_ws('/', b.id, c.system_identifier, left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))
    from howdah.birth b cross join pg_control_system() c);
end
$$;
