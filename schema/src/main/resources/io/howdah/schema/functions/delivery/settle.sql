-- Ends deliveries: all messages of a claim, or those at `positions`, each with its outcome.
--
-- outcomes: done; retry (comes back after its delay, or after the wait that the subscription's options say; given up once
-- its attempts are used up); release (handed back, not counted); reject (a dead letter); archive (done, and kept in the
-- archive). `rest` says what happens to messages that are not named: done, release, or open (they stay with the caller).
-- Returns 'settled' when the token has no messages left, 'open' when it has, 'lapsed' when the token is void because the
-- slice was taken back: then nothing has changed. A late settle counts as long as nobody has taken the slice.
-- Works in the caller's transaction, in any isolation (40001 if a snapshot is too old to tell). The slice's row is locked
-- first and looked at in the next statement; the row in `closed`, unique, decides. Touches only the ring children of its
-- own segment (hence the custom plans), so a long transaction holds up the emptying of no other; outcomes other than done
-- also read the log.
-- Raises 22023 for a malformed token or arguments that do not fit.
create or replace function howdah.settle(
  token text,
  positions bigint[] default null,
  outcomes text[] default null,
  delays interval[] default null,
  reasons text[] default null,
  errors text[] default null,
  rest text default 'done'
) returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_slice howdah.slice;
begin
  if settle.rest is null or settle.rest not in ('done', 'release', 'open') then
    raise exception using errcode = '22023',
      message = format('rest must be done, release or open but was %s', coalesce(left(settle.rest, 40), 'null')),
      hint = 'It says what happens to messages of the claim that are not named.';
  end if;
  if coalesce(cardinality(settle.positions), 0) = 0 and coalesce(cardinality(settle.outcomes), 0)
      + coalesce(cardinality(settle.delays), 0) + coalesce(cardinality(settle.reasons), 0)
      + coalesce(cardinality(settle.errors), 0) > 0 then
    raise exception using errcode = '22023', message = 'outcomes need the positions that they are for',
      hint = 'Give the position of each message that is not to be treated as rest says.';
  end if;
  v_slice := howdah.slice_of(settle.token);
  if v_slice.no is null then
    return 'lapsed';
  end if;
  if coalesce(cardinality(settle.positions), 0) > 0 then
    return howdah.settle_items(v_slice, settle.positions, settle.outcomes, settle.delays, settle.reasons,
      settle.errors, settle.rest);
  end if;

  if settle.rest = 'done' then
    return case when howdah.close_slice(v_slice, 'done') then 'settled' else 'lapsed' end;
  elsif settle.rest = 'release' then
    perform howdah.hand_back(v_slice);
    return 'settled';
  end if;
  return 'open';
end
$$;
