-- What create_subscription does with a subscription that is there already: it expires no sooner than v_new asks for, never
-- if that never does. Being asked for counts as use. Returns its id. Raises HD409 if it reads another stream, or has another
-- value of an option that is given.
create or replace function howdah.join_subscription(
  v_sub howdah.subscription,
  v_stream int,
  v_new howdah.subscription,
  v_given json
) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_sub.stream <> v_stream then
    raise exception using errcode = 'HD409', message = format('"%s" is already a subscription of another stream', v_sub.name),
      hint = 'Names of subscriptions are unique in the database: choose another.';
  end if;
  perform howdah.check_same(v_sub.kind, v_sub.name, (coalesce(v_given, '{}')::jsonb - 'expires_after')::json,
    howdah.options_of(v_sub), howdah.options_of(v_new));
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
