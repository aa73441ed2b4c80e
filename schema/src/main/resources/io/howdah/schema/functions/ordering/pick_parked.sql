-- Which parked messages a claim of a keyed subscription takes: of the keys v_ready, in this order, the first ones of
-- each, as many as v_rooms says (null: no matter), up to v_quantity, all of one stream and one attempt, because a slice has
-- one of each. One that was tried before is handed out alone, without an order from its third attempt on; of a job queue,
-- one of each key. Changes nothing.
create or replace function howdah.pick_parked(
  v_sub howdah.subscription,
  v_ready bigint[],
  v_rooms bigint[],
  v_quantity int
) returns setof howdah.parked
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_each constant int := case when v_sub.ordering = 'job' then 1
    else least(v_quantity, greatest(16, 4 * v_quantity / greatest(cardinality(v_ready), 1))) end;
begin
  return query
  with candidate as (
    select p as message, k.o, row_number() over (partition by k.o order by p.at, p.src, p.position) as nth
    from unnest(v_ready, v_rooms) with ordinality k (key_hash, room, o)
      cross join lateral (
        select q.* from howdah.parked q
        where q.sub = v_sub.id and q.key_hash = k.key_hash
        order by q.at, q.src, q.position
        limit least(v_each, k.room)
      ) p
  ), first as (
    select (c.message).src, (c.message).attempt from candidate c order by c.o, c.nth limit 1
  ), fitting as (
    select c.*, bool_and((c.message).src = f.src and (c.message).attempt = f.attempt) over (partition by c.o order by c.nth)
      as fits,
      f.attempt as attempts
    from candidate c cross join first f
  )
  select (f.message).*
  from fitting f
  where f.fits
  order by f.o, f.nth
  limit (select case when f.attempt > (v_sub.ordering = 'none')::int then 1 else v_quantity end from first f);
end
$$;
