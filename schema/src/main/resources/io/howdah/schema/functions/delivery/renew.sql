-- Extends a lease from now on; false when the token is void. Writes one row, which later renewals update.
create or replace function howdah.renew(token text, lease interval default '30 s') returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_slice howdah.slice;
begin
  perform howdah.check_claim(1, renew.lease, null);
  v_slice := howdah.slice_of(renew.token);
  if v_slice.no is null then
    return false;
  end if;
  insert into howdah.held as h (sub, no, seg, attempt, token, deadline, owner)
  values (v_slice.sub, v_slice.no, v_slice.seg, v_slice.attempt, v_slice.token, howdah.now() + renew.lease, v_slice.owner)
  on conflict (sub, no) do update set deadline = excluded.deadline;
  return true;
end
$$;
