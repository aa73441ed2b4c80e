-- Hands up to `quantity` messages of a subscription to the caller under one lease; no row means nothing is ready.
--
-- A claim is a transaction of its own: others see what it took only when it commits. It first looks without a lock or a
-- transaction id, so an idle consumer writes nothing. All rows of one claim carry one token, which settles them. What has
-- expired is settled on the way, and where that was all of a slice, the next one is taken, for a second at most.
-- Raises HD404, 0A000 outside of READ COMMITTED, 22023; notice HD503 and no row when another session holds the
-- subscription's or the stream's lock for more than a second.
create or replace function howdah.claim(
  subscription text,
  quantity int default 1,
  lease interval default '30 s',
  owner text default null
) returns setof howdah.delivery
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
  v_sub howdah.subscription;
  v_slice howdah.slice;
  v_where text;
  v_now timestamptz;
  v_count bigint;
  v_until constant timestamptz := clock_timestamp() + interval '1 s';
begin
  perform howdah.require_read_committed('claim');
  perform howdah.check_claim(quantity, lease, owner);
  select s.* into v_sub from howdah.subscription s where s.name = claim.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', claim.subscription);
  end if;
  if v_sub.expires_after is not null then
    perform howdah.touch(v_sub);
  end if;
  loop
    v_where := howdah.look(v_sub, owner);
    exit when v_where is null;
    v_slice := howdah.take(v_sub, v_where, quantity, lease, owner);
    exit when v_slice.no is null;
    v_now := howdah.now();
    if v_slice.xids is null then
      return query select * from howdah.deliveries(v_slice, v_now);
    else
      return query select * from howdah.ordered_deliveries(v_slice, v_now);
    end if;
    get diagnostics v_count = row_count;
    exit when v_count = v_slice.n or not howdah.settle_expired(v_slice, v_now) or clock_timestamp() >= v_until;
  end loop;
end
$$;
