-- Takes messages off what rates have counted last (v_keys as in note_handed; keys that are not counted are left out): they
-- were claimed, but have expired, so nobody got them. The caller has claimed them in this transaction and holds the cutting
-- lock.
create or replace function howdah.take_off_handed(v_sub int, v_keys bigint[]) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
as $$
  with gone as materialized (
    select k.key_hash, l.total, k.n
    from (select u as key_hash, count(*) as n from unnest(v_keys) u group by u) k
      cross join lateral (
        select h.total from howdah.handed h
        where h.sub = v_sub and h.key_hash = k.key_hash
        order by h.total desc
        limit 1) l
  ), all_of_it as (
    delete from howdah.handed h
    using gone g
    where h.sub = v_sub and h.key_hash = g.key_hash and h.total = g.total and h.n = g.n
  )
  update howdah.handed h
  set total = h.total - g.n, n = h.n - g.n
  from gone g
  where h.sub = v_sub and h.key_hash = g.key_hash and h.total = g.total and h.n > g.n
$$;
