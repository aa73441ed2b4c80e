-- Makes a slice free for the next claimer without counting an attempt: token 0 in `held`. Void tokens stay void.
-- The caller holds the slice's lock.
create or replace function howdah.hand_back(v_slice howdah.slice) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into howdah.held as h (sub, no, seg, attempt, token, deadline, owner)
  values (v_slice.sub, v_slice.no, v_slice.seg, v_slice.attempt, 0, howdah.now(), v_slice.owner)
  on conflict (sub, no) do update set attempt = excluded.attempt, token = 0, deadline = excluded.deadline;
end
$$;
