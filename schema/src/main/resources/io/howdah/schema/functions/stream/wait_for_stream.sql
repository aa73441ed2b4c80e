-- Waits for the sequencing lock of a stream for at most a second; false, with a notice HD503, if that was not enough.
create or replace function howdah.wait_for_stream(v_stream int) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  perform from howdah.stream s where s.id = v_stream for no key update;
  return found;
exception
  when lock_not_available or deadlock_detected then
    raise notice using errcode = 'HD503', message = format('stream %s is being sequenced by another session', v_stream),
      hint = 'A claim or sequence should be a transaction of its own: look for a session that is idle in transaction.';
    return false;
end
$$;
