-- Deletes up to `quantity` dead letters that a filter means, '{}' for all, oldest first; returns how many. One that is
-- being redriven or deleted by somebody else is left to him. Raises HD404, 22023.
create or replace function howdah.delete_dead_letters(subscription text, filter json, quantity int default 10000) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub constant int := howdah.subscription_id(delete_dead_letters.subscription);
  v_nos bigint[];
  v_count bigint;
begin
  perform howdah.check_page(delete_dead_letters.quantity);
  if v_sub is null or delete_dead_letters.filter is null then
    raise exception using errcode = '22023', message = 'a subscription and a filter must be named',
      hint = 'The filter {} means all of the subscription.';
  end if;
  v_nos := array(
    select * from howdah.find_letters('dead', v_sub, delete_dead_letters.filter, 0, delete_dead_letters.quantity));
  delete from howdah.dead_letter d
  using (
    select p.no
    from howdah.dead_letter p
    where p.sub = v_sub and p.no = any (v_nos)
    for update skip locked
  ) p
  where d.sub = v_sub and d.no = p.no;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
