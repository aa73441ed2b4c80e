-- Parks what is left of a slice whose keys have limits, before everything else of its keys, and closes it: its messages come
-- again as their keys have room, and until then count for nothing. The caller holds the cutting lock and the slice's lock.
create or replace function howdah.park_slice(v_sub howdah.subscription, v_slice howdah.slice) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rows constant howdah.parked[] := howdah.open_rows(v_slice, v_sub.ordering);
begin
  perform howdah.park(v_rows);
  perform howdah.put_off(v_sub, array(select r.key_hash from unnest(v_rows) r), howdah.now());
  perform howdah.close_slice(v_slice, 'parked');
end
$$;
