-- Settles all of a claim as done and claims the next: one call and one commit for a consumer's whole loop. A token that
-- is void gives a notice HD410, and the claim goes on.
create or replace function howdah.settle_and_claim(
  token text,
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
  select s.* into v_sub from howdah.subscription s where s.name = settle_and_claim.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', settle_and_claim.subscription);
  end if;
  if v_sub.expires_after is not null then
    perform howdah.touch(v_sub);
  end if;
  v_slice := howdah.slice_of(token);
  if v_slice.no is null or not howdah.close_slice(v_slice, 'done') then
    raise notice using errcode = 'HD410', message = 'the lease had lapsed: these messages were handed to somebody else',
      hint = 'Take a longer lease, or renew it while the work goes on.';
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
