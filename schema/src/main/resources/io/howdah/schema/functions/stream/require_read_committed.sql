-- Raises 0A000 in any isolation but READ COMMITTED. What moves a cursor must see what others have just committed, and
-- TRUNCATE of an old segment empties it for old snapshots too: there "no row" would be taken for a fresh start.
create or replace function howdah.require_read_committed(what text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception using errcode = '0A000',
      message = format('%s does not work in a transaction that is %s', what,
        upper(current_setting('transaction_isolation'))),
      hint = 'Call it in a READ COMMITTED transaction of its own.';
  end if;
end
$$;
