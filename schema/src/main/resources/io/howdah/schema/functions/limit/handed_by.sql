-- How many messages a subscription with a rate (v_key 0), or one of its keys, had handed out in all by a time; what has been
-- forgotten was before.
create or replace function howdah.handed_by(v_sub int, v_key bigint, v_at timestamptz) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
  return coalesce(
    (select h.total from howdah.handed h
      where h.sub = v_sub and h.key_hash = v_key and h.at <= v_at order by h.at desc, h.total desc limit 1),
    (select h.total - h.n from howdah.handed h where h.sub = v_sub and h.key_hash = v_key order by h.total limit 1));
end
$$;
