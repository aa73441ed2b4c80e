-- A scope of jobs with its cutting lock held until the end of the transaction, and with all that is committed parked:
-- what waits can be found among the parked then, and nobody hands it out. Raises HD404, HD409, 0A000, 55P03 when another
-- session has been sequencing for a second.
create or replace function howdah.lock_job_scope(v_scope text, v_what text) returns howdah.subscription
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription := howdah.job_scope(v_scope);
  v_head howdah.slice;
  v_source bigint;
  v_return bigint;
begin
  v_sub := howdah.lock_subscription(v_scope, v_what);
  if num_nulls((howdah.sequence_stream(v_sub.stream)).first, (howdah.sequence_stream(v_sub.return_stream)).first) > 0 then
    raise exception using errcode = '55P03', message = format('"%s" is being sequenced by another session', v_scope),
      hint = 'Try again; look for a session that is idle in transaction after a claim.';
  end if;
  v_head := howdah.newest_slice(v_sub.id);
  v_source := howdah.park_all(v_sub, v_sub.stream, v_head.source_at);
  v_return := howdah.park_all(v_sub, v_sub.return_stream, v_head.return_at);
  if v_source > v_head.source_at or v_return > v_head.return_at then
    perform howdah.move_cursor(v_head, v_source, v_return);
  end if;
  return v_sub;
end
$$;
