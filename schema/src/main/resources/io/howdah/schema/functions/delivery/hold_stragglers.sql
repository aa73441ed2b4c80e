-- Writes slices that are open while a thousand newer ones have been cut into `held`, as a renewal would: the floor below
-- which nobody has to look stands at the oldest open slice that is not there, and one slow consumer must not make others
-- walk over all that was closed since. The row of a slice is locked first and looked at in the next statement, like
-- everywhere; one that is being settled is left alone. The caller holds the cutting lock; v_head is the newest slice.
create or replace function howdah.hold_stragglers(v_head howdah.slice) returns void
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
begin
  for v_no in
    select s.no
    from howdah.slice s
    where s.sub = v_head.sub and s.no >= v_head.floor and s.no < v_head.no - 1000 and s.n > 0
      and not exists (select from howdah.held h where h.sub = s.sub and h.no = s.no offset 0)
      and not exists (select from howdah.closed c where c.seg = s.seg and c.sub = s.sub and c.no = s.no offset 0)
    order by s.no
    limit 100
  loop
    perform from howdah.slice s where s.sub = v_head.sub and s.no = v_no for update skip locked;
    continue when not found;
    v_slice := howdah.open_slice(v_head.sub, v_no);
    continue when v_slice.no is null;
    insert into howdah.held (sub, no, seg, attempt, token, deadline, owner)
    values (v_slice.sub, v_slice.no, v_slice.seg, v_slice.attempt, v_slice.token, v_slice.deadline, v_slice.owner)
    on conflict (sub, no) do nothing;
  end loop;
end
$$;
