-- Whether promote would find something that has been due for so long, without a lock or a transaction id. The usual look starts a minute before the
-- watermark, so it does not walk over dead rows that an old snapshot keeps; a message that was scheduled by a transaction
-- that took longer to commit is found by the full look every ten seconds.
create or replace function howdah.is_due(v_overdue interval default '0') returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
  v_now constant timestamptz := howdah.now();
  v_from constant timestamptz := howdah.due_from(v_now);
begin
  return exists (select from howdah.due d where d.due <= v_now - v_overdue and d.due > v_from);
end
$$;
