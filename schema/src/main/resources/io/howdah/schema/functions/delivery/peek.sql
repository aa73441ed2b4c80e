-- The next messages that are ready, without taking them: handed back first, then retries, then the stream; with in_flight
-- those that somebody has, too, as if they came again. What was just committed has no position yet: null.
-- Locks and writes nothing, so it may be called in a transaction that stays open. The token of each row is null. Raises
-- HD404, 22023.
create or replace function howdah.peek(subscription text, quantity int default 10, in_flight boolean default false)
returns setof howdah.delivery
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription;
  v_head howdah.slice;
begin
  perform howdah.check_claim(quantity, '30 s', null);
  select s.* into v_sub from howdah.subscription s where s.name = peek.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', peek.subscription);
  end if;
  select s.* into strict v_head from howdah.slice s where s.sub = v_sub.id order by s.no desc limit 1;

  return query
  select null, p.position, p.id, p.topic, p.key, p.headers, p.payload, p.body, p.content_type, p.published_at, p.attempt
  from (
    select f.rank, f.no, f.position, null::bigint as seq, m.id, m.topic, m.key, m.headers, m.payload, m.body, m.content_type,
      m.published_at, m.attempt + f.attempt + 1 as attempt
    from (
      select 0 as rank, o.no, v.src, v.attempt, p.position, null::bigint as xid, null::bigint as seq, null::smallint as low,
        null::smallint as high
      from howdah.open_slices(v_head) o
        cross join lateral howdah.open_slice(v_sub.id, o.no) v
        cross join lateral unnest(howdah.open_positions(v)) p (position)
      where (o.token = 0 or peek.in_flight) and v.xids is null
      union all
      select 0, 0, v.src, v.attempt, p.position, p.xid, p.seq, v.low_seg, v.high_seg
      from howdah.open_slices(v_head) o
        cross join lateral howdah.open_slice(v_sub.id, o.no) v
        cross join lateral unnest(v.positions, v.xids, v.seqs) p (position, xid, seq)
      where (o.token = 0 or peek.in_flight) and v.xids is not null
        and p.position in (select unnest(howdah.open_positions(v)))
      union all
      select 0, 0, p.src, p.attempt, p.position, p.xid, p.seq, p.seg, p.seg
      from howdah.parked p
      where p.sub = v_sub.id
        and not exists (
          select from howdah.blocked b where b.sub = p.sub and b.key_hash = p.key_hash and b.due > howdah.now())
      union all
      select 1, 0, v_sub.return_stream, 0, p, null, null, null, null
      from generate_series(v_head.return_at + 1,
        least(howdah.last_position(v_sub.return_stream), v_head.return_at + peek.quantity)) p
      where not v_sub.filtered
      union all
      select 1, 0, v_sub.return_stream, 0, p, null, null, null, null
      from howdah.next_hits(v_sub, v_sub.return_stream, v_head.return_at + 1, howdah.last_position(v_sub.return_stream),
          peek.quantity) h
        cross join lateral unnest(h.hits) p
      where v_sub.filtered
      union all
      select 2, 0, v_sub.stream, 0, p, null, null, null, null
      from generate_series(v_head.source_at + 1,
        least(howdah.last_position(v_sub.stream), v_head.source_at + peek.quantity)) p
      where not v_sub.filtered
      union all
      select 2, 0, v_sub.stream, 0, p, null, null, null, null
      from howdah.next_hits(v_sub, v_sub.stream, v_head.source_at + 1, howdah.last_position(v_sub.stream), peek.quantity) h
        cross join lateral unnest(h.hits) p
      where v_sub.filtered
      order by 1, 2, 5
      limit peek.quantity
    ) f
      cross join lateral (
        select b.id, b.topic, b.key, b.headers, b.payload, b.body, b.content_type, b.published_at, b.attempt, b.expires_at
        from howdah.messages_between(f.src, f.position, f.position) b
        where f.seq is null
        union all
        select l.id, l.topic, l.key, l.headers, l.payload, l.body, l.content_type, l.published_at, l.attempt, l.expires_at
        from howdah.message_of(f.src, f.xid, f.seq, f.low, f.high) l
        where f.seq is not null
      ) m
    where m.expires_at is null or m.expires_at > howdah.now()
    union all
    select s.rank, 0, null, u.seq, u.id, u.topic, u.key, u.headers, u.payload, u.body, u.content_type, u.published_at,
      u.attempt + 1
    from (values (1, v_sub.return_stream), (2, v_sub.stream)) s (rank, id)
      cross join lateral howdah.unplaced(s.id, case when s.rank = 1 or not v_sub.filtered then peek.quantity end) u
    where (s.rank = 1 or not v_sub.filtered or howdah.takes(v_sub, u.topic, u.key, u.id))
      and (u.expires_at is null or u.expires_at > howdah.now())
  ) p
  order by p.rank, p.no, p.position nulls last, p.seq
  limit peek.quantity;
end
$$;
