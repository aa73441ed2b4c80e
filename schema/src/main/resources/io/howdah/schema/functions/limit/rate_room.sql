-- How many messages a rate permits to hand out now, and, if that is none, when there will be some: the rate of a
-- subscription (v_key 0), or of one of its keys.
--
-- What was handed out within the last period counts, and what consumers say they have started later counts from then on,
-- too. What they do not say, a few milliseconds more or less between the delivery of a message and its start, must not
-- make a period of starts show more than the rate: so the window is 2.5 % longer than the period, and of that, one in a
-- hundred messages is left out instead. For the same reason a short period is not used up in one burst: in a fiftieth of
-- it up to twice its share is permitted. Who waits is told to come when half of that is there.
-- After a clock was set back by more than the window, nothing counts.
create or replace function howdah.rate_room(
  v_sub int,
  v_key bigint,
  v_rate int,
  v_period interval,
  v_now timestamptz,
  out room bigint,
  out next_at timestamptz
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_most constant int := v_rate - v_rate / 100;
  v_window constant interval := v_period * (1.025 * v_most / v_rate);
  v_burst constant int := case when v_period < '5 s' then greatest(1, v_rate / 25) else v_most end;
  v_moment constant interval := v_period / 50;
  v_clump constant int := greatest(1, v_rate / 50);
  v_last howdah.handed;
  v_late record;
begin
  select h.* into v_last from howdah.handed h where h.sub = v_sub and h.key_hash = v_key order by h.total desc limit 1;
  if not found or v_last.at > v_now + v_window then
    room := least(v_most, v_burst);
    return;
  end if;
  select coalesce(sum(l.n), 0) as n, min(l.started_at) + v_window as until into v_late
  from howdah.started_late l
  where l.sub = v_sub and l.key_hash = v_key and l.started_at > v_now - v_window and l.handed_at <= v_now - v_window;
  room := least(
    v_most - v_last.total + howdah.handed_by(v_sub, v_key, v_now - v_window) - v_late.n,
    v_burst - v_last.total + howdah.handed_by(v_sub, v_key, v_now - v_moment));
  if room < 1 then
    select max(n.at) into next_at
    from (values (v_most, v_window), (v_burst, v_moment)) l (most, span)
      cross join lateral (
        select h.at + l.span as at
        from (
          select f.* from howdah.handed f
          where f.sub = v_sub and f.key_hash = v_key and f.total >= v_last.total - l.most + least(v_clump, l.most)
          order by f.total
          limit 1) h
        where h.total - h.n < v_last.total - l.most + least(v_clump, l.most)) n;
    next_at := greatest(next_at, v_late.until);
  end if;
end
$$;
