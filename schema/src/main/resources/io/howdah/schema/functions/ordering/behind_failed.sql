-- Which open messages of a slice come behind one of their key that is to come again, and are not named themselves: they
-- must not go before it. Where failures block nobody only a message that is released holds up those behind it.
create or replace function howdah.behind_failed(
  v_slice howdah.slice,
  v_open bigint[],
  v_positions bigint[],
  v_outcomes text[]
) returns bigint[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with message as (
    select u.position, u.key, i.outcome
    from unnest(v_slice.positions, v_slice.keys) u (position, key)
      left join unnest(v_positions, v_outcomes) i (position, outcome) on i.position = u.position
    where u.position in (select unnest(v_open))
  )
  select array(
    select m.position
    from message m
      join (
        select f.key, min(f.position) as position
        from message f
        where f.outcome = 'release'
          or f.outcome = 'retry' and (select s.blocking from howdah.subscription s where s.id = v_slice.sub)
        group by f.key
      ) first on first.key = m.key and first.position < m.position
    where m.outcome is null
    order by m.position)
$$;
