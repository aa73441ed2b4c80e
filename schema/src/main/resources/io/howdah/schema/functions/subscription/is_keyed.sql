-- Whether claims of a subscription have to look at keys: there is an order, or a limit of keys; or there was one, and what
-- was parked then, or handed out then and may come back, is not gone yet.
create or replace function howdah.is_keyed(v_sub howdah.subscription) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return v_sub.ordering <> 'none' or v_sub.key_concurrency is not null or v_sub.key_rate is not null
    or coalesce(v_sub.keyed, false) and (exists (select from howdah.parked p where p.sub = v_sub.id)
      or exists (select from howdah.open_slices(howdah.newest_slice(v_sub.id))));
end
$$;
