-- The keys of an ordered subscription that are blocked, the longest first: the message that holds each up, how often it
-- failed, when it is tried again ('infinity': when somebody says so), and how many messages wait, itself included. A key
-- whose first message is being tried at this moment is not among them. Raises HD404, 22023.
create or replace function howdah.blocked_keys(subscription text, quantity int default 100)
returns table (
  key text,
  "position" bigint,
  id uuid,
  topic text,
  attempts int,
  due timestamptz,
  reason text,
  error text,
  first_failed_at timestamptz,
  failed_at timestamptz,
  waiting bigint
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_sub int;
begin
  perform howdah.check_page(blocked_keys.quantity);
  select s.id into v_sub from howdah.subscription s where s.name = blocked_keys.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', blocked_keys.subscription);
  end if;
  return query
  select b.key, b.position, l.id, l.topic, b.attempts, b.due, b.reason, b.error, b.first_failed_at, b.failed_at,
    (select count(*) from howdah.parked w where w.sub = b.sub and w.key_hash = b.key_hash)
  from howdah.blocked b
    join howdah.parked p
      on p.sub = b.sub and p.key_hash = b.key_hash and p.at = '-infinity' and p.src = b.src and p.position = b.position
    cross join lateral howdah.message_of(p.src, p.xid, p.seq, p.seg, p.seg) l
  where b.sub = v_sub and b.failed_at is not null
  order by b.first_failed_at, b.position
  limit blocked_keys.quantity;
end
$$;
