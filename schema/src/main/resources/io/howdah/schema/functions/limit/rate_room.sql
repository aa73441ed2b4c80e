-- How many messages a subscription's rate permits to hand out now, and, if that is none, when there will be some.
--
-- What was handed out within the last period counts. A handler starts a little after its message was handed out, and not
-- always equally late; so that no period of starts shows more than the rate, the window is 3.5 % longer than the period, and
-- of that, one in a hundred messages is left out instead. For the same reason a short period is not used up in one burst:
-- in a fiftieth of it up to twice its share is permitted. Who waits is told to come when half of that is there.
-- After a clock was set back by more than the window, nothing counts.
create or replace function howdah.rate_room(
  v_sub howdah.subscription,
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
  v_most constant int := v_sub.rate - v_sub.rate / 100;
  v_window constant interval := v_sub.rate_period * (1.035 * v_most / v_sub.rate);
  v_burst constant int := case when v_sub.rate_period < '5 s' then greatest(1, v_sub.rate / 25) else v_most end;
  v_moment constant interval := v_sub.rate_period / 50;
  v_clump constant int := greatest(1, v_sub.rate / 50);
  v_last howdah.handed;
begin
  select h.* into v_last from howdah.handed h where h.sub = v_sub.id order by h.total desc limit 1;
  if not found or v_last.at > v_now + v_window then
    room := least(v_most, v_burst);
    return;
  end if;
  room := least(
    v_most - v_last.total + howdah.handed_by(v_sub.id, v_now - v_window),
    v_burst - v_last.total + howdah.handed_by(v_sub.id, v_now - v_moment));
  if room < 1 then
    select max(n.at) into next_at
    from (values (v_most, v_window), (v_burst, v_moment)) l (most, span)
      cross join lateral (
        select h.at + l.span as at
        from howdah.handed h
        where h.sub = v_sub.id and h.total >= v_last.total - l.most + least(v_clump, l.most)
        order by h.total
        limit 1) n;
  end if;
end
$$;
