-- Tells a claimer, by a notice HD429, of a limit of the subscription: the constraint says which one (rate, concurrency,
-- single_active, key_rate, key_concurrency), the detail how many microseconds to wait for it: 0 if more is permitted now,
-- none if nobody knows, because messages have to be settled first. v_active is the consumer that is active.
create or replace function howdah.tell_limit(
  v_sub howdah.subscription,
  v_limit text,
  v_next timestamptz,
  v_active text default null
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_micros constant text := coalesce(greatest(ceil(extract(epoch from v_next - howdah.now()) * 1000000), 0)::bigint::text, '');
begin
  raise notice using errcode = 'HD429', constraint = v_limit, detail = v_micros,
    message = case v_limit
      when 'rate' then format('"%s" hands out %s messages within %s at most', v_sub.name, v_sub.rate, v_sub.rate_period)
      when 'concurrency' then format('%s messages of "%s" are in flight at most', v_sub.concurrency, v_sub.name)
      when 'single_active' then case when v_active is null then format('"%s" has one active consumer', v_sub.name)
        else format('"%s" is being consumed by %s', v_sub.name, v_active) end
      when 'key_rate' then format('"%s" hands out %s messages of a key within %s at most', v_sub.name, v_sub.key_rate,
        v_sub.key_rate_period)
      else format('%s messages of a key of "%s" are in flight at most', v_sub.key_concurrency, v_sub.name)
    end,
    hint = case
      when v_micros <> '' then 'More is permitted in so many microseconds.'
      when v_limit = 'single_active' then 'Another takes over when it has settled everything, or its leases lapse.'
      else 'Claim again when some of them have been settled.'
    end;
end
$$;
