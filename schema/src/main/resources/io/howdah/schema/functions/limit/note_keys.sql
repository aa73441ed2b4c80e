-- Has the rates of keys count what a claim of a subscription hands out, v_rows, and lets those of the keys v_waiting, of
-- which more is parked, wait that have no room left. Nothing where keys have no rate. Messages without a key do not count.
-- The caller holds the cutting lock.
create or replace function howdah.note_keys(
  v_sub howdah.subscription,
  v_rows howdah.parked[],
  v_waiting bigint[],
  v_now timestamptz
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_sub.key_rate is null then
    return;
  end if;
  perform howdah.note_handed(v_sub.id, v_sub.key_rate_period,
    array(select r.key_hash from unnest(v_rows) r where r.key_hash not in (0, r.seq)));
  perform howdah.put_off(v_sub, v_waiting, v_now);
end
$$;
