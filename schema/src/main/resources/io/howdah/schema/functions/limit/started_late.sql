-- Tells a subscription with a rate that messages were started by their consumer only so long after they were handed out, so
-- that its periods count them from then on, too. `ago`: how long ago they were started; `keys`: the keys of those that have
-- one, for a rate of keys. A hint, taken as it is: it can only hold deliveries back. Writes a row, and one for each key;
-- nothing where there is no rate. Raises HD404, 22023.
create or replace function howdah.started_late(
  subscription text,
  messages int,
  late interval,
  ago interval default '0',
  keys text[] default '{}'
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
  v_started constant timestamptz := howdah.now() - started_late.ago;
begin
  if coalesce(started_late.messages not between 1 and 10000 or started_late.late not between '0' and '1 day'
      or started_late.ago not between '0' and '1 day' or cardinality(started_late.keys) > started_late.messages, true) then
    raise exception using errcode = '22023',
      message = 'started_late takes 1 to 10000 messages, times of up to 1 day, and no more keys than messages',
      hint = 'Say how many messages of one claim were started, how long after it, and how long ago.';
  end if;
  select s.* into v_sub from howdah.subscription s where s.name = started_late.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', started_late.subscription);
  end if;
  insert into howdah.started_late (sub, key_hash, handed_at, started_at, n)
  select v_sub.id, 0, v_started - started_late.late, v_started, started_late.messages
  where v_sub.rate is not null
  union all
  select v_sub.id, howdah.key_hash(v_sub.ordering, k.key, 0), v_started - started_late.late, v_started, count(*)
  from unnest(started_late.keys) k (key)
  where v_sub.key_rate is not null and k.key is not null
  group by 2;
end
$$;
