-- A slice as it stands now, with what `held` says of it; a row of nulls if it is closed. The caller has locked its row
-- in an earlier statement.
create or replace function howdah.open_slice(v_sub int, v_no bigint) returns howdah.slice
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
  v_slice howdah.slice;
  v_held howdah.held;
begin
  select s.* into v_slice
  from howdah.slice s
  where s.sub = v_sub and s.no = v_no
    and not exists (select from howdah.closed c where c.seg = s.seg and c.sub = s.sub and c.no = s.no offset 0);
  select h.* into v_held from howdah.held h where h.sub = v_sub and h.no = v_no;
  if found and v_slice.no is not null then
    v_slice.attempt := v_held.attempt;
    v_slice.token := v_held.token;
    v_slice.deadline := v_held.deadline;
    v_slice.owner := v_held.owner;
  end if;
  return v_slice;
end
$$;
