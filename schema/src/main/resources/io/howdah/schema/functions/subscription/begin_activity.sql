-- Lets the time begin after which a subscription expires, if it does, and ends it, if it does not any more.
create or replace function howdah.begin_activity(v_sub howdah.subscription) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_sub.expires_after is null then
    delete from howdah.activity a where a.sub = v_sub.id;
  else
    insert into howdah.activity (sub, at) values (v_sub.id, howdah.now())
    on conflict (sub) do update set at = excluded.at;
  end if;
end
$$;
