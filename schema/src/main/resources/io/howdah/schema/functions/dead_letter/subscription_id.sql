-- The id of a subscription; null for null. Raises HD404.
create or replace function howdah.subscription_id(v_name text) returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub int;
begin
  if v_name is not null then
    select s.id into v_sub from howdah.subscription s where s.name = v_name;
    if not found then
      perform howdah.fail_unknown('subscription', v_name);
    end if;
  end if;
  return v_sub;
end
$$;
