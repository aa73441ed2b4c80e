-- Carries parked messages out of a segment, so that one key that waits does not keep it: copies them into `carried`, and
-- the parked rows say so. At most 3,000 messages or 16 MiB in a call, about, because claims of their subscriptions wait
-- meanwhile; the next call goes on. Under the cutting lock, taken only if free: nobody unparks them at this moment. What
-- is settled and parked meanwhile is left to the next call. Returns how many it carried, and what was not free.
create or replace function howdah.carry(v_segment howdah.segment, out messages bigint, out blocker text)
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
  v_bytes bigint := 16777216;
  v_sub howdah.subscription;
  v_count bigint;
  v_size bigint;
begin
  messages := 0;
  for v_sub in
    select b.*
    from howdah.subscription b
    where exists (select from howdah.parked p where p.seg = v_segment.seg and p.sub = b.id offset 0)
    order by b.id
  loop
    exit when messages >= 3000 or v_bytes <= 0;
    perform from howdah.subscription b where b.id = v_sub.id for no key update skip locked;
    if not found then
      blocker := format('subscription %s is being claimed', v_sub.name);
      continue;
    end if;
    with message as materialized (
      select p.key_hash, p.at, p.position, l.*,
        200 + coalesce(pg_column_size(l.payload), 0) + coalesce(pg_column_size(l.body), 0)
          + coalesce(pg_column_size(l.headers), 0) as size
      from (
        select * from howdah.parked p where p.seg = v_segment.seg and p.sub = v_sub.id limit 3000 - messages
      ) p
        cross join lateral (
          select * from howdah.log l
          where l.seg = v_segment.seg and l.stream = p.src and l.xid = p.xid and l.seq = p.seq
          offset 0
        ) l
    ), fitting as materialized (
      select m.*
      from (select m.*, sum(m.size) over (rows unbounded preceding) - m.size as before from message m) m
      where m.before < v_bytes
    ), copied as (
      insert into howdah.carried (seg, attempt, stream, xid, seq, published_at, id, topic, key, headers, payload, body,
        content_type, failed_at, expires_at, keeps_key, origin)
      select 8, f.attempt, f.stream, f.xid, f.seq, f.published_at, f.id, f.topic, f.key, f.headers, f.payload, f.body,
        f.content_type, f.failed_at, f.expires_at, f.keeps_key, f.origin
      from fitting f
      on conflict (seq, stream, xid) do nothing
    ), moved as (
      update howdah.parked p
      set seg = 8
      from fitting f
      where p.sub = v_sub.id and p.key_hash = f.key_hash and p.at = f.at and p.src = f.stream and p.position = f.position
      returning f.size
    )
    select count(*), coalesce(sum(m.size), 0) into v_count, v_size from moved m;
    messages := messages + v_count;
    v_bytes := v_bytes - v_size;
  end loop;
end
$$;
