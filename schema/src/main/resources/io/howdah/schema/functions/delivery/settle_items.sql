-- What settle() does when outcomes are given message by message. The caller holds the slice's lock.
--
-- Failures leave the slice at once, as a scheduled message of the return stream or as a dead letter, so they never pin
-- the log. What is released, or left by rest = release, goes back with the slice, less the part that is settled; only
-- with rest = open, where the slice stays with its owner, released messages come back through the return stream. In an
-- ordered subscription what is released, and what comes behind a message of its key that failed, is parked.
create or replace function howdah.settle_items(
  v_slice howdah.slice,
  v_positions bigint[],
  v_outcomes text[],
  v_delays interval[],
  v_reasons text[],
  v_errors text[],
  v_rest text
) returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = on
set enable_mergejoin = off
set jit = off
as $$
declare
  v_open constant bigint[] := howdah.open_positions(v_slice);
  v_ordered constant boolean := v_slice.xids is not null
    and exists (select from howdah.subscription s where s.id = v_slice.sub and s.ordering <> 'none');
  v_behind bigint[];
  v_left bigint[];
begin
  perform howdah.check_items(v_slice, v_positions, v_outcomes, v_delays, v_reasons, v_errors);
  if v_ordered and v_outcomes && '{retry,release}' then
    v_behind := howdah.behind_failed(v_slice, v_open, v_positions, v_outcomes);
    v_positions := v_positions || v_behind;
    v_outcomes := v_outcomes || array_fill('release'::text, array[cardinality(v_behind)]);
  end if;
  v_left := array(
    select o.position
    from unnest(v_open) as o (position)
      left join unnest(v_positions, v_outcomes) as i (position, outcome) on i.position = o.position
    where case when i.position is null then v_rest <> 'done' else i.outcome = 'release' and v_rest <> 'open'
      and not v_ordered end
    order by o.position);

  if v_outcomes && '{retry,reject,archive}' or ((v_rest = 'open' or v_ordered) and v_outcomes && '{release}') then
    perform howdah.settle_failures(v_slice, v_open, v_positions, v_outcomes, v_delays, v_reasons, v_errors, v_rest);
  end if;
  if cardinality(v_left) = 0 then
    perform howdah.close_slice(v_slice, 'done');
    return 'settled';
  end if;
  insert into howdah.part (seg, sub, no, positions)
  select v_slice.seg, v_slice.sub, v_slice.no, array_agg(o.position)
  from unnest(v_open) as o (position)
  where o.position not in (select unnest(v_left))
  having count(*) > 0;
  if v_rest = 'open' then
    return 'open';
  end if;
  perform howdah.hand_back(v_slice);
  return 'settled';
end
$$;
