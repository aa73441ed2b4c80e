-- Hands out up to `quantity` messages and settles them as done in the same transaction: at most once, there is nothing to
-- settle, and what is lost on the way is lost. The token of each row is null. A rollback gives them back. Otherwise as claim,
-- also in what it raises.
create or replace function howdah.pop(subscription text, quantity int default 1, owner text default null)
returns setof howdah.delivery
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_row howdah.delivery;
  v_token text;
begin
  for v_row in select * from howdah.claim(pop.subscription, pop.quantity, '30 s', pop.owner) loop
    v_token := v_row.token;
    v_row.token := null;
    return next v_row;
  end loop;
  if v_token is not null then
    perform howdah.settle(v_token);
  end if;
end
$$;
