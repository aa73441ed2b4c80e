-- The row of a blocked key, for the operator's verbs, with the cutting lock of its subscription held until the end of the
-- transaction: so nobody hands its message out meanwhile. Raises HD404 for an unknown subscription, HD409 if the key is
-- not blocked, or its first message is being tried at this moment; 0A000.
create or replace function howdah.lock_blocked(v_name text, v_key text, v_what text) returns howdah.blocked
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub constant howdah.subscription := howdah.lock_subscription(v_name, v_what);
  v_blocked howdah.blocked;
begin
  select b.* into v_blocked
  from howdah.blocked b
  where b.sub = v_sub.id and (b.key = v_key or v_sub.ordering = 'strict')
    and exists (
      select from howdah.parked p
      where p.sub = b.sub and p.key_hash = b.key_hash and p.src = b.src and p.position = b.position);
  if not found then
    raise exception using errcode = 'HD409',
      message = format('key "%s" of "%s" is not blocked', left(coalesce(v_key, ''), 255), v_name),
      hint = 'howdah.blocked_keys lists those that are; one whose message is being tried at this moment is not.';
  end if;
  return v_blocked;
end
$$;
