-- Where a claim would find something: 'return' or 'source' (positions after the cursor, or messages without one),
-- 'parked' (messages whose key has room), 'free' (a slice whose lease has lapsed or that nobody owns), or null for
-- nothing, while it is paused, or while its limits permit nothing. The two streams have the first say in turns.
-- Locks nothing and takes no transaction id, except that it moves what is due into the log; in a transaction that began
-- before this statement, and may go on for long, only what nobody else has moved for a second, because until the commit
-- nobody else can. Others may have taken what it saw a moment later.
create or replace function howdah.look(v_sub howdah.subscription, v_owner text) returns text
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
  v_now constant timestamptz := howdah.now();
  v_brief constant boolean := statement_timestamp() < transaction_timestamp() + interval '1 ms';
  v_head howdah.slice;
  v_epoch howdah.epoch;
  v_finished int8multirange;
  v_low smallint;
  v_high smallint;
  v_may text;
begin
  if v_sub.paused then
    return null;
  elsif howdah.is_due(case when v_brief then interval '0' else '1 s' end) then
    perform howdah.promote();
  end if;
  v_head := howdah.newest_slice(v_sub.id);
  if v_sub.limited then
    v_may := howdah.may_claim(v_sub, v_head, v_owner);
    if v_may is distinct from 'any' then
      return v_may;
    end if;
  end if;
  select e.* into strict v_epoch from howdah.epoch e order by e.no desc limit 1;
  select howdah.finished(pg_current_snapshot()) into v_finished;
  if v_sub.ordering = 'strict' and howdah.is_held_up(v_sub, howdah.keys_in_flight(v_sub, v_head), v_now) then
    select * into v_low, v_high from howdah.floor_span(v_head);
    return (select 'free' where exists (select from howdah.free_slices(v_head, v_low, v_high, v_now)));
  end if;
  if v_epoch.birth <> (select b.id from howdah.birth b) then
    return 'source';
  elsif v_head.no % 2 = 0 and howdah.has_more(v_sub.return_stream, v_head.return_at, v_epoch, v_finished) then
    return 'return';
  elsif (case when v_sub.filtered then howdah.has_hit(v_sub, v_head, v_epoch, v_finished)
      else howdah.has_more(v_sub.stream, v_head.source_at, v_epoch, v_finished) end) then
    return 'source';
  elsif v_head.no % 2 <> 0 and howdah.has_more(v_sub.return_stream, v_head.return_at, v_epoch, v_finished) then
    return 'return';
  elsif v_sub.keyed and howdah.has_parked(v_sub, v_head, v_now) then
    return 'parked';
  end if;
  select * into v_low, v_high from howdah.floor_span(v_head);
  if exists (select from howdah.free_slices(v_head, v_low, v_high, v_now)) then
    return 'free';
  elsif v_sub.key_limited then
    perform howdah.tell_keys(v_sub, v_now);
  end if;
  return null;
end
$$;
