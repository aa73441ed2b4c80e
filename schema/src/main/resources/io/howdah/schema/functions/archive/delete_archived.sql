-- Deletes up to `quantity` archived messages that a filter means, '{}' for all, oldest first; returns how many. Raises
-- HD404, 22023.
create or replace function howdah.delete_archived(subscription text, filter json, quantity int default 10000) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub constant int := howdah.subscription_id(delete_archived.subscription);
  v_nos bigint[];
  v_count bigint;
begin
  perform howdah.check_page(delete_archived.quantity);
  if v_sub is null or delete_archived.filter is null then
    raise exception using errcode = '22023', message = 'a subscription and a filter must be named',
      hint = 'The filter {} means all of the subscription.';
  end if;
  v_nos := array(
    select * from howdah.find_letters('archived', v_sub, delete_archived.filter, 0, delete_archived.quantity));
  delete from howdah.archive a where a.sub = v_sub and a.no = any (v_nos);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
