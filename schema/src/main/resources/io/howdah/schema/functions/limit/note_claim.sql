-- Has the rate of a limited subscription count what it has just handed out, and tells the claimer of its limits (see
-- tell_limit): where a concurrency is why he got less than he wanted, to wait for it; else that he need not wait. One row for
-- a claim, however many messages. The caller holds the cutting lock; v_head was the newest slice before.
create or replace function howdah.note_claim(
  v_sub howdah.subscription,
  v_head howdah.slice,
  v_slice howdah.slice,
  v_quantity int
) returns void
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
  v_count constant int := cardinality(howdah.open_positions(v_slice));
  v_now constant timestamptz := howdah.now();
  v_permit record;
begin
  if v_sub.rate is not null then
    perform howdah.note_handed(v_sub.id, v_sub.rate_period, array_fill(0::bigint, array[v_count]));
  end if;
  select p.* into v_permit from howdah.permit(v_sub, v_head, v_slice.owner) p;
  perform howdah.tell_limit(v_sub, l.name, l.next)
  from (values
    ('rate', v_sub.rate is not null, coalesce(v_permit.next_at, v_now)),
    ('concurrency', v_sub.concurrency is not null, case when v_count = v_quantity or v_permit.slots > 0 then v_now end),
    ('single_active', v_sub.single_active, v_now),
    ('key_rate', v_sub.key_rate is not null, v_now),
    ('key_concurrency', v_sub.key_limited and v_sub.key_concurrency is not null, v_now)) l (name, is_set, next)
  where l.is_set;
end
$$;
