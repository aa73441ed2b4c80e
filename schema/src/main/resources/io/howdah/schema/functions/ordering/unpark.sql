-- Takes parked messages for a claim (see pick_parked) and moves the turns on: a key of which more is parked comes again
-- after the others, or when its rate permits it; one of which nothing is left has no lane, nor has one that is blocked. Who
-- settles must not wait for claims, so he leaves the lane of a key that he blocks: it goes here, once for each block, when
-- it comes into the way of others. A block is over when a message after the blocked one is handed out. Keys without room
-- are put off until one is found that has some. The caller holds the cutting lock and puts the messages into a slice;
-- v_busy are the keys that are busy, v_flight those in flight.
create or replace function howdah.unpark(
  v_sub howdah.subscription,
  v_busy bigint[],
  v_flight bigint[],
  v_quantity int,
  v_now timestamptz
) returns howdah.parked[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_front int := v_quantity + cardinality(v_busy) + 10;
  v_ready bigint[];
  v_rooms bigint[];
  v_full bigint[];
  v_rows howdah.parked[];
  v_keys bigint[];
begin
  for piece in 1..12 loop
    delete from howdah.lane l
    using (select f.key_hash from howdah.lane f where f.sub = v_sub.id order by f.since limit v_front) front
    where l.sub = v_sub.id and l.key_hash = front.key_hash
      and exists (select from howdah.blocked b where b.sub = v_sub.id and b.key_hash = front.key_hash offset 0);
    exit when not found;
    v_front := least(2 * v_front, 10000);
  end loop;
  loop
    v_ready := howdah.ready_keys(v_sub, v_busy, v_now, v_quantity);
    if cardinality(v_ready) = 0 then
      return '{}';
    end if;
    exit when not v_sub.key_limited;
    select coalesce(array_agg(k.key_hash order by k.o) filter (where coalesce(r.room, 1) > 0), '{}'),
      array_agg(r.room order by k.o) filter (where coalesce(r.room, 1) > 0),
      array_agg(k.key_hash) filter (where r.room < 1)
    into v_ready, v_rooms, v_full
    from unnest(v_ready) with ordinality k (key_hash, o)
      join howdah.key_rooms(v_sub, v_flight, v_ready, v_now) r on r.key_hash = k.key_hash;
    perform howdah.put_off(v_sub, v_full, v_now);
    exit when cardinality(v_ready) > 0;
  end loop;
  v_rows := array(select p from howdah.pick_parked(v_sub, v_ready, v_rooms, v_quantity) p);
  delete from howdah.parked p
  using unnest(v_rows) r
  where p.sub = r.sub and p.key_hash = r.key_hash and p.at = r.at and p.src = r.src and p.position = r.position;

  v_keys := array(
    select k from unnest(v_ready) k
    where exists (select from unnest(v_rows) r where r.key_hash = k)
      or not exists (select from howdah.parked p where p.sub = v_sub.id and p.key_hash = k));
  if v_rows[1].attempt is null or v_rows[1].attempt = 0 then
    delete from howdah.blocked b using unnest(v_keys) k where b.sub = v_sub.id and b.key_hash = k;
  end if;
  delete from howdah.lane l
  using unnest(v_keys) k
  where l.sub = v_sub.id and l.key_hash = k
    and not exists (select from howdah.parked p where p.sub = v_sub.id and p.key_hash = k offset 0);
  insert into howdah.lane (sub, key_hash, since)
  select v_sub.id, k, v_now
  from unnest(v_keys) k
  where exists (select from howdah.parked p where p.sub = v_sub.id and p.key_hash = k offset 0)
    and not exists (select from howdah.blocked b where b.sub = v_sub.id and b.key_hash = k offset 0)
  on conflict (sub, key_hash) do update set since = excluded.since;
  perform howdah.note_keys(v_sub, v_rows, v_keys, v_now);
  return v_rows;
end
$$;
