-- Whether v_owner may be the one consumer that is active now: nobody else has anything in flight, or all that others have has
-- lapsed. Then it is made his, tokens and all, for take_back to hand out: a consumer that was thought dead cannot renew one
-- lease while another is taken from it. One that is being settled at this moment is waited for by the next claim.
-- The caller holds the cutting lock; v_head is the newest slice.
create or replace function howdah.take_over(v_sub howdah.subscription, v_head howdah.slice, v_owner text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_no bigint;
  v_slice howdah.slice;
  v_now constant timestamptz := howdah.now();
begin
  if exists (
    select from howdah.open_slices(v_head) o
    where o.token <> 0 and o.deadline >= v_now and o.owner is distinct from v_owner)
  then
    return false;
  end if;
  for v_no in
    select o.no from howdah.open_slices(v_head) o where o.token <> 0 and o.owner is distinct from v_owner
  loop
    perform from howdah.slice s where s.sub = v_sub.id and s.no = v_no for update skip locked;
    if not found then
      return false;
    end if;
    v_slice := howdah.open_slice(v_sub.id, v_no);
    continue when v_slice.no is null or v_slice.token = 0;
    if v_slice.deadline >= v_now then
      return false;
    end if;
    insert into howdah.held as h (sub, no, seg, attempt, token, deadline, owner)
    values (v_slice.sub, v_slice.no, v_slice.seg, v_slice.attempt, howdah.new_secret(), v_slice.deadline, v_owner)
    on conflict (sub, no) do update set token = excluded.token, owner = excluded.owner;
  end loop;
  return true;
end
$$;
