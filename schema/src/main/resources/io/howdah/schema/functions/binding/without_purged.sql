-- The positions of v_hits, which lie from v_from to v_last, that were not purged. Called only where something was.
create or replace function howdah.without_purged(
  v_sub howdah.subscription,
  v_src int,
  v_from bigint,
  v_last bigint,
  v_hits bigint[]
) returns bigint[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
begin
  return array(
    select m.position
    from howdah.messages_between(v_src, v_from, v_last) m
    where m.position in (select unnest(v_hits))
      and not exists (
        select from howdah.purged u
        where u.sub = v_sub.id and u.src = v_src and u.upto >= m.position
          and (u.expression is null or coalesce('.' || m.topic, '') collate "C" ~ u.expression)
          and (u.key is null or u.key = m.key)
          and (u.origin is null or m.origin >= u.origin)
        offset 0)
    order by m.position);
end
$$;
