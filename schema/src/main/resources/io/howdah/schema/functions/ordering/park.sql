-- Parks messages of a keyed subscription, and gives their keys a lane, unless they are blocked; turns come in the order of
-- first messages. The caller holds the cutting lock.
create or replace function howdah.park(v_rows howdah.parked[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into howdah.parked select r.* from unnest(v_rows) r;
  insert into howdah.lane (sub, key_hash, since)
  select k.sub, k.key_hash, howdah.now()
  from (select r.sub, r.key_hash from unnest(v_rows) r group by r.sub, r.key_hash order by min(r.at), min(r.position)) k
  where not exists (select from howdah.blocked b where b.sub = k.sub and b.key_hash = k.key_hash offset 0)
  on conflict (sub, key_hash) do nothing;
end
$$;
