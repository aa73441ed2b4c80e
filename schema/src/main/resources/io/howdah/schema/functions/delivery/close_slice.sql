-- Closes a slice, and returns whether it was this call that did: the unique key decides. The caller holds the slice's lock.
create or replace function howdah.close_slice(v_slice howdah.slice, v_how text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into howdah.closed (seg, sub, no, how, at) values (v_slice.seg, v_slice.sub, v_slice.no, v_how, howdah.now())
  on conflict (sub, no, seg) do nothing;
  if not found then
    return false;
  end if;
  delete from howdah.held h where h.sub = v_slice.sub and h.no = v_slice.no;
  return true;
end
$$;
