-- The open slice that a token names, locked; a row of nulls when the token is void. Raises 22023 for what is no token.
-- Lock first, then look in a new statement: two who settle one slice come one after the other, and the second sees what
-- the first did. In REPEATABLE READ and SERIALIZABLE the second would still look with its old snapshot: there a row in
-- `held` is inserted and taken away again, which fails with 40001 if another session has put one there since; so does
-- the lock on one that is there and was changed. A token of a subscription that was dropped is void, too.
-- The caller says how to plan: settle and renew may run in a long transaction and must touch one segment only.
create or replace function howdah.slice_of(v_token text) returns howdah.slice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
  v_seg smallint;
  v_sub int;
  v_no bigint;
  v_slice howdah.slice;
  v_held howdah.held;
begin
  if v_token is null or v_token !~ '^[0-7]\.\d{1,9}\.\d{1,18}\.\d{1,18}$' then
    raise exception using errcode = '22023', message = format('"%s" is not a token',
        coalesce(regexp_replace(left(v_token, 80), '[[:cntrl:]]', '?', 'g'), '(null)')),
      hint = 'Give the token of a delivery as claim returned it.';
  end if;
  v_seg := split_part(v_token, '.', 1);
  v_sub := split_part(v_token, '.', 2);
  v_no := split_part(v_token, '.', 3);

  select s.* into v_slice from howdah.slice s where s.seg = v_seg and s.sub = v_sub and s.no = v_no for update;
  if not found or exists (select from howdah.closed c where c.seg = v_seg and c.sub = v_sub and c.no = v_no)
      or not exists (select from howdah.subscription b where b.id = v_sub) then
    return null;
  end if;
  select h.* into v_held from howdah.held h where h.sub = v_sub and h.no = v_no for update;
  if found then
    v_slice.attempt := v_held.attempt;
    v_slice.token := v_held.token;
    v_slice.deadline := v_held.deadline;
    v_slice.owner := v_held.owner;
  elsif current_setting('transaction_isolation') <> 'read committed' then
    insert into howdah.held (sub, no, seg, attempt, token, deadline)
    values (v_sub, v_no, v_seg, v_slice.attempt, v_slice.token, v_slice.deadline)
    on conflict (sub, no) do nothing;
    delete from howdah.held h where h.sub = v_sub and h.no = v_no;
  end if;
  if v_slice.token = 0 or v_slice.token <> split_part(v_token, '.', 4)::bigint then
    return null;
  end if;
  return v_slice;
end
$$;
