-- Takes messages off what a subscription with a rate has handed out last: they were claimed, but have expired, so nobody got
-- them. The caller has claimed them in this transaction and holds the cutting lock.
create or replace function howdah.take_off_handed(v_sub int, v_count int) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
  v_last howdah.handed;
begin
  select h.* into v_last from howdah.handed h where h.sub = v_sub order by h.total desc limit 1;
  if exists (select from howdah.handed h where h.sub = v_sub and h.total = v_last.total - v_count) then
    delete from howdah.handed h where h.sub = v_sub and h.total = v_last.total;
  else
    update howdah.handed h set total = h.total - v_count where h.sub = v_sub and h.total = v_last.total;
  end if;
end
$$;
