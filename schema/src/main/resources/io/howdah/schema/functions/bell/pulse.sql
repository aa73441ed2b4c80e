-- What a process that sleeps compares with what it saw before: the number of the newest block of messages, which every
-- publish draws whether it has committed or not; the transaction id that nobody has yet; and the snapshot. Whoever published
-- up to now has a smaller id than next_xid, so when the snapshot's xmin has reached it all of them have ended. Read in this
-- order, each in a statement of its own. Some microseconds; locks and writes nothing.
create or replace function howdah.pulse(out published bigint, out next_xid bigint, out snapshot pg_snapshot)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_xmax bigint;
begin
  published := (select b.last_value from howdah.block b);
  snapshot := pg_current_snapshot();
  v_xmax := pg_snapshot_xmax(snapshot)::text::bigint;
  next_xid := v_xmax + mod(mod(age('3'::xid) + 3 - v_xmax, 1::bigint << 32) + (1::bigint << 32), 1::bigint << 32);
end
$$;
