-- Tells a subscription with a rate that messages were started by their consumer only so long after they were handed out, so
-- that its periods count them from then on, too. `ago`: how long ago they were started. A hint, taken as it is: it can
-- only hold deliveries back. Writes one row, and nothing without a rate. Raises HD404, 22023.
create or replace function howdah.started_late(
  subscription text,
  messages int,
  late interval,
  ago interval default '0'
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
  v_started constant timestamptz := howdah.now() - started_late.ago;
begin
  if coalesce(started_late.messages not between 1 and 10000 or started_late.late not between '0' and '1 day'
      or started_late.ago not between '0' and '1 day', true) then
    raise exception using errcode = '22023', message = 'started_late takes 1 to 10000 messages and times of up to 1 day',
      hint = 'Say how many messages of one claim were started, how long after it, and how long ago.';
  end if;
  select s.* into v_sub from howdah.subscription s where s.name = started_late.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', started_late.subscription);
  end if;
  insert into howdah.started_late (sub, handed_at, started_at, n)
  select v_sub.id, v_started - started_late.late, v_started, started_late.messages
  where v_sub.rate is not null;
end
$$;
