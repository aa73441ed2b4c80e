-- Purges the parked messages of an ordered subscription that match, and lets keys go of which nothing is left. Returns how
-- many there were; v_dry only counts. The caller holds the cutting lock, or only counts.
create or replace function howdah.purge_parked(
  v_sub howdah.subscription,
  v_expression text,
  v_key text,
  v_dry boolean
) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
  v_rows constant howdah.parked[] := array(
    select p
    from howdah.parked p
      cross join lateral howdah.message_of(p.src, p.xid, p.seq, p.seg, p.seg) l
    where p.sub = v_sub.id
      and (v_expression is null or coalesce('.' || l.topic, '') collate "C" ~ v_expression)
      and (v_key is null or l.key = v_key));
begin
  if not v_dry then
    delete from howdah.parked p
    using unnest(v_rows) r
    where p.sub = r.sub and p.key_hash = r.key_hash and p.at = r.at and p.src = r.src and p.position = r.position;
    delete from howdah.lane l
    where l.sub = v_sub.id
      and not exists (select from howdah.parked p where p.sub = l.sub and p.key_hash = l.key_hash offset 0);
    update howdah.blocked b
    set due = howdah.now()
    from unnest(v_rows) r
    where b.sub = r.sub and b.key_hash = r.key_hash and b.src = r.src and b.position = r.position;
  end if;
  return cardinality(v_rows);
end
$$;
