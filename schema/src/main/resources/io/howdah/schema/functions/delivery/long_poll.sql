-- A claim that waits up to `wait`, at most 20 s, until there is something, looking ten times a second. The statement keeps its
-- snapshot for that long and so holds back vacuum. What falls due meanwhile is moved into the log, and ends the wait
-- without a message: a transaction does not see what it has moved itself, the next call does. Raises what claim does.
create or replace function howdah.long_poll(
  subscription text,
  quantity int default 1,
  lease interval default '30 s',
  owner text default null,
  wait interval default '5 s'
) returns setof howdah.delivery
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until timestamptz;
begin
  if wait is null or wait not between '0' and '20 s' then
    raise exception using errcode = '22023', message = format('wait must be between 0 and 20 s but was %s', coalesce(wait::text,
      '(null)')), hint = 'Call it again for a longer wait.';
  end if;
  v_until := clock_timestamp() + wait;
  loop
    return query select * from howdah.claim(long_poll.subscription, long_poll.quantity, long_poll.lease, long_poll.owner);
    exit when found or pg_current_xact_id_if_assigned() is not null or clock_timestamp() >= v_until;
    perform pg_sleep(least(0.1, extract(epoch from v_until - clock_timestamp())));
  end loop;
end
$$;
