-- Takes what an ordered subscription has parked, and the blocks of its keys, for positions from v_from on, or for retries of
-- them, away; returns how many of these messages lie at v_to or before. Keys of which nothing is left have no turn any
-- more, those that are not blocked any more have one. The caller holds the cutting lock, and no slice is being settled.
create or replace function howdah.drop_parked(v_sub howdah.subscription, v_from bigint, v_to bigint) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_count bigint;
begin
  if v_sub.ordering = 'none' and not exists (select from howdah.parked p where p.sub = v_sub.id) then
    return 0;
  end if;
  with gone as (
    delete from howdah.parked p
    using (
      select q.key_hash, q.at, q.src, q.position, q.position as place
      from howdah.parked q
      where q.sub = v_sub.id and q.src = v_sub.stream and q.position >= v_from
      union all
      select q.key_hash, q.at, q.src, q.position, l.origin
      from howdah.parked q
        cross join lateral howdah.message_of(q.src, q.xid, q.seq, q.seg, q.seg) l
      where q.sub = v_sub.id and q.src = v_sub.return_stream and l.origin >= v_from
    ) g
    where p.sub = v_sub.id and p.key_hash = g.key_hash and p.at = g.at and p.src = g.src and p.position = g.position
    returning g.*
  ), freed as (
    delete from howdah.blocked b
    using gone g
    where b.sub = v_sub.id and b.key_hash = g.key_hash and b.src = g.src and b.position = g.position
  )
  select count(*) filter (where g.place <= v_to) into v_count from gone g;
  delete from howdah.lane l
  where l.sub = v_sub.id
    and not exists (select from howdah.parked p where p.sub = l.sub and p.key_hash = l.key_hash offset 0);
  insert into howdah.lane (sub, key_hash, since)
  select distinct v_sub.id, p.key_hash, howdah.now()
  from howdah.parked p
  where p.sub = v_sub.id
    and not exists (select from howdah.blocked b where b.sub = p.sub and b.key_hash = p.key_hash offset 0)
  on conflict (sub, key_hash) do nothing;
  return v_count;
end
$$;
