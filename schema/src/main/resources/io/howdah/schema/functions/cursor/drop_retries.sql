-- Takes retries of positions from v_from on away, those that wait for their time and those that are ready; returns how many
-- are of positions up to v_to. Direct messages, and retries of these, stay. What is ready lies in the log: a row in
-- `purged` says what claims have to leave out. Rows in due that are being moved into the log are waited for, so that they
-- have their positions in the return stream below. The caller holds the cutting lock; v_head is the newest slice.
-- Raises 55P03.
create or replace function howdah.drop_retries(v_sub howdah.subscription, v_head howdah.slice, v_from bigint, v_to bigint)
returns bigint
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
  v_last bigint;
  v_due bigint;
  v_ready bigint;
  v_lost bigint;
begin
  with gone as (
    delete from howdah.due d where d.stream = v_sub.return_stream and d.origin >= v_from returning d.origin
  )
  select count(*) filter (where g.origin <= v_to) into v_due from gone g;

  v_last := (select t.first + t.n - 1 from howdah.sequence_stream(v_sub.return_stream) t);
  if v_last is null then
    raise exception using errcode = '55P03', message = format('"%s" is being sequenced by another session', v_sub.name),
      hint = 'Try again; look for a session that is idle in transaction after a claim.';
  end if;
  select count(*), count(*) filter (where m.origin <= v_to) into v_ready, v_lost
  from howdah.messages_between(v_sub.return_stream, v_head.return_at + 1, v_last) m
  where m.origin >= v_from;
  if v_ready > 0 then
    insert into howdah.purged (sub, src, upto, origin) values (v_sub.id, v_sub.return_stream, v_last, v_from);
    update howdah.subscription s set filtered = true where s.id = v_sub.id and not s.filtered;
  end if;
  return v_due + v_lost;
end
$$;
