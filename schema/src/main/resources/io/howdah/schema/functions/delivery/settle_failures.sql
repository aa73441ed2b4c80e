-- Moves messages that were retried, rejected, archived, or released one by one, to where they go: into the archive; dead
-- letters when rejected or
-- out of attempts (unless the subscription discards those: then they are counted), the log of the return stream when due
-- at once, else the schedule; parked, before all others of its key, where a failure blocks its key, or an order is kept.
-- Positions that are settled already are left out. The caller holds the slice's lock. The only place that decides what
-- becomes of a message that fails, whatever the contract.
create or replace function howdah.settle_failures(
  v_slice howdah.slice,
  v_open bigint[],
  v_positions bigint[],
  v_outcomes text[],
  v_delays interval[],
  v_reasons text[],
  v_errors text[],
  v_rest text
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = on
set enable_mergejoin = off
set jit = off
as $$
declare
  v_xid constant bigint := pg_current_xact_id()::text::bigint;
  v_blocks constant bigint[] := array(
    select nextval('howdah.block') << 13 from generate_series(0, cardinality(v_positions) / 8192));
  v_seg constant smallint := howdah.current_segment();
  v_now constant timestamptz := howdah.now();
  v_sub howdah.subscription;
  v_ordered boolean;
begin
  select s.* into v_sub from howdah.subscription s where s.id = v_slice.sub;
  if not found then
    return;
  end if;
  v_ordered := v_sub.ordering <> 'none';
  with item as (
    select i.position, i.outcome, i.delay, i.reason, left(i.error, 8000) as error
    from unnest(v_positions, v_outcomes, v_delays, v_reasons, v_errors) as i (position, outcome, delay, reason, error)
    where i.outcome <> 'done' and (i.outcome <> 'release' or v_rest = 'open' or v_ordered)
      and i.position in (select unnest(v_open))
  ), failed as materialized (
    select m.*, case when v_slice.src = v_sub.stream then m.position else m.origin end as came_from, i.outcome, i.reason,
      i.error,
      least(m.attempt::int + v_slice.attempt + (i.outcome <> 'release')::int, 30000) as attempts,
      case when i.outcome = 'release' then m.failed_at else coalesce(m.failed_at, b.first_failed_at, v_now) end
        as first_failed_at,
      v_ordered and (i.outcome = 'release' or i.outcome = 'retry' and v_sub.blocking) as in_place,
      case
        when i.outcome = 'archive' then 'archive'
        when i.outcome = 'reject' then 'dead_letter'
        when i.outcome = 'retry' and howdah.is_last(v_sub, m.attempt::int + v_slice.attempt + 1, m.headers)
          then v_sub.after_last
      end as given_up,
      v_now + case
        when i.outcome = 'release' then interval '0'
        else coalesce(i.delay, howdah.retry_delay(v_sub, m.attempt::int + v_slice.attempt + 1, m.headers))
      end as due
    from howdah.slice_messages(v_slice) m
      join item i on i.position = m.position
      left join howdah.blocked b
        on b.sub = v_sub.id and b.key_hash = m.key_hash and b.src = v_slice.src and b.position = m.position
  ), parked as (
    insert into howdah.parked (sub, key_hash, at, src, position, xid, seq, attempt, seg)
    select v_sub.id, f.key_hash, '-infinity', v_slice.src, f.position, f.xid, f.seq,
      least(v_slice.attempt + (f.outcome = 'retry')::int, 30000), f.seg
    from failed f
    where f.in_place and coalesce(f.given_up, 'block') = 'block'
  ), blocked as (
    insert into howdah.blocked as k (sub, key_hash, key, src, position, attempts, due, reason, error, first_failed_at,
      failed_at,
      owner)
    select distinct on (f.key_hash) v_sub.id, f.key_hash, f.key, v_slice.src, f.position, f.attempts,
      case when f.given_up = 'block' then 'infinity' else f.due end, f.reason, f.error, f.first_failed_at,
      case when f.outcome = 'retry' then v_now end, v_slice.owner
    from failed f
    where f.in_place and coalesce(f.given_up, 'block') = 'block'
    order by f.key_hash, f.position
    on conflict (sub, key_hash) do update
    set src = excluded.src, position = excluded.position, attempts = excluded.attempts, due = excluded.due,
      reason = excluded.reason, error = excluded.error, first_failed_at = excluded.first_failed_at,
      failed_at = excluded.failed_at, owner = excluded.owner
  ), buried as (
    insert into howdah.dead_letter (sub, position, attempts, reason, error, first_failed_at, failed_at, published_at, id,
      topic, key, headers, payload, body, content_type, owner)
    select v_sub.id, f.position, f.attempts,
      coalesce(f.reason, case f.outcome when 'reject' then 'rejected' else 'attempts used up' end), f.error,
      f.first_failed_at, v_now, f.published_at, f.id, f.topic, f.key, f.headers, f.payload, f.body, f.content_type,
      v_slice.owner
    from failed f
    where f.given_up = 'dead_letter'
    order by f.position
  ), archived as (
    insert into howdah.archive (sub, position, attempts, archived_at, published_at, id, topic, key, headers, payload, body,
      content_type, owner)
    select v_sub.id, f.position, f.attempts, v_now, f.published_at, f.id, f.topic, f.key, f.headers, f.payload, f.body,
      f.content_type, v_slice.owner
    from failed f
    where f.given_up = 'archive'
    order by f.position
  ), counted as (
    insert into howdah.tally (sub, what, n)
    select v_sub.id, 'discarded', count(*) from failed f where f.given_up = 'discard' having count(*) > 0
  ), scheduled as (
    insert into howdah.due (due, stream, sub, attempt, published_at, id, topic, key, headers, payload, body, content_type,
      reason, error, failed_at, expires_at, keeps_key, origin)
    select f.due, v_sub.return_stream, v_sub.id, f.attempts, f.published_at, f.id, f.topic, f.key, f.headers, f.payload,
      f.body, f.content_type, f.reason, f.error, f.first_failed_at, f.expires_at, f.keeps_key, f.came_from
    from failed f
    where f.given_up is null and f.due > v_now and not f.in_place
  )
  insert into howdah.log (seg, attempt, stream, xid, seq, published_at, id, topic, key, headers, payload, body, content_type,
    failed_at, expires_at, keeps_key, origin)
  select v_seg, f.attempts, v_sub.return_stream, v_xid, v_blocks[1 + f.no / 8192] + f.no % 8192, f.published_at, f.id,
    f.topic, f.key, f.headers, f.payload, f.body, f.content_type, f.first_failed_at, f.expires_at, f.keeps_key, f.came_from
  from (
    select a.*, row_number() over (order by a.position) - 1 as no from failed a where a.given_up is null and a.due <= v_now
      and not a.in_place
  ) f;
end
$$;
