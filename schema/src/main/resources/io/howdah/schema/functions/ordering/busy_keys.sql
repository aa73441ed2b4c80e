-- The keys of which nothing may be handed out because of what is in flight (see keys_in_flight): where there is an order,
-- all that are in flight; else those of which as many messages are as the concurrency of a key permits.
create or replace function howdah.busy_keys(v_sub howdah.subscription, v_flight bigint[]) returns bigint[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_sub.ordering <> 'none' then
    return array(select distinct b from unnest(v_flight) b);
  end if;
  return array(select b from unnest(v_flight) b where b <> 0 group by b having count(*) >= v_sub.key_concurrency);
end
$$;
