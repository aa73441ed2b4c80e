-- A subscription with its options about order changed, for with_options. The order is chosen when it is created: what is
-- in flight was handed out by the old rule. Blocking (a failing message holds up what comes after it in its order) is the
-- default where there is an order; to block after the last attempt needs it. Raises 22023.
create or replace function howdah.with_order_options(v_sub howdah.subscription, v_given jsonb) returns howdah.subscription
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bad text;
begin
  if v_given ? 'ordering' and v_given ->> 'ordering' is distinct from v_sub.ordering then
    if v_sub.ordering is not null then
      v_bad := format('the ordering of a subscription cannot be changed, it is %s', v_sub.ordering);
    elsif coalesce(v_given ->> 'ordering', '') not in ('none', 'key', 'strict', 'job') then
      v_bad := format('ordering must be none, key, strict or job but was %s', left((v_given -> 'ordering')::text, 80));
    end if;
    v_sub.ordering := v_given ->> 'ordering';
  end if;
  v_sub.ordering := coalesce(v_sub.ordering, 'none');
  if v_given ? 'blocking' and jsonb_typeof(v_given -> 'blocking') <> 'boolean' then
    v_bad := coalesce(v_bad, format('blocking must be true or false but was %s', left((v_given -> 'blocking')::text, 80)));
  else
    v_sub.blocking := coalesce((v_given ->> 'blocking')::boolean, v_sub.blocking, v_sub.ordering <> 'none');
  end if;
  if v_bad is null and v_sub.blocking and v_sub.ordering = 'none' then
    v_bad := 'blocking needs an ordering';
  elsif v_bad is null and v_sub.ordering = 'job' and not v_sub.blocking then
    v_bad := 'a scope of jobs blocks: a job that failed holds up its queue';
  elsif v_bad is null and v_sub.after_last = 'block' and not v_sub.blocking then
    v_bad := 'after_last block needs an ordering that blocks';
  end if;
  if v_bad is not null then
    raise exception using errcode = '22023', message = v_bad,
      hint = 'Give an ordering when you create it, for example {"ordering": "key"}; to change it, create another.';
  end if;
  return v_sub;
end
$$;
