-- What create_subscription does with a subscription that is there already: it expires no sooner than v_new asks for, never
-- if that never does. Being asked for counts as use. Returns its id. Raises HD409 if it reads another stream.
create or replace function howdah.join_subscription(
  v_sub howdah.subscription,
  v_stream int,
  v_new howdah.subscription
) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_sub.stream <> v_stream then
    raise exception using errcode = 'HD409', message = format('"%s" is already a subscription of another stream', v_sub.name),
      hint = 'Names of subscriptions are unique in the database: choose another.';
  end if;
  if v_sub.expires_after < v_new.expires_after or v_sub.expires_after is not null and v_new.expires_after is null then
    update howdah.subscription s
    set expires_after = v_new.expires_after
    where s.id = v_sub.id and (s.expires_after < v_new.expires_after or v_new.expires_after is null)
    returning * into v_sub;
  end if;
  perform howdah.touch(v_sub);
  return v_sub.id;
end
$$;
