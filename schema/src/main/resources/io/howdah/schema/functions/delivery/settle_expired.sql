-- Settles the messages of a slice that have expired at v_now and were hence not handed out: counts them, and keeps them as
-- dead letters where the subscription's options say so. Returns whether that was all there was, so the slice is closed. The
-- caller has the slice in this transaction. Writes one tally, and one part or closing row; nothing if none has expired. Rates
-- do not count them.
create or replace function howdah.settle_expired(v_slice howdah.slice, v_now timestamptz) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_open constant bigint[] := howdah.open_positions(v_slice);
  v_gone bigint[];
  v_sub howdah.subscription;
begin
  v_gone := array(
    select m.position
    from howdah.slice_messages(v_slice) m
    where m.expires_at <= v_now and m.position in (select unnest(v_open))
    order by m.position);
  if cardinality(v_gone) = 0 then
    return false;
  end if;
  insert into howdah.tally (sub, what, n) values (v_slice.sub, 'expired', cardinality(v_gone));
  select s.* into strict v_sub from howdah.subscription s where s.id = v_slice.sub;
  if v_sub.limited then
    perform howdah.take_off_handed(v_sub.id, array_fill(0::bigint, array[cardinality(v_gone)]) || array(
      select u.key from unnest(v_slice.positions, v_slice.keys) u (position, key)
      where u.position in (select unnest(v_gone)) and u.key <> 0));
    update howdah.lane l
    set since = v_now
    where v_sub.key_rate is not null and l.sub = v_sub.id and l.since > v_now
      and l.key_hash in (
        select u.key from unnest(v_slice.positions, v_slice.keys) u (position, key)
        where u.position in (select unnest(v_gone)));
  end if;
  if v_sub.after_expiry = 'dead_letter' then
    insert into howdah.dead_letter (sub, position, attempts, reason, first_failed_at, failed_at, published_at, id, topic, key,
      headers, payload, body, content_type)
    select v_slice.sub, m.position, least(m.attempt::int + v_slice.attempt, 30000), 'expired',
      coalesce(m.failed_at, v_now), v_now, m.published_at, m.id, m.topic, m.key, m.headers, m.payload, m.body, m.content_type
    from howdah.slice_messages(v_slice) m
    where m.position in (select unnest(v_gone))
    order by m.position;
  end if;
  if cardinality(v_gone) = cardinality(v_open) then
    return howdah.close_slice(v_slice, 'expired');
  end if;
  insert into howdah.part (seg, sub, no, positions) values (v_slice.seg, v_slice.sub, v_slice.no, v_gone);
  return false;
end
$$;
