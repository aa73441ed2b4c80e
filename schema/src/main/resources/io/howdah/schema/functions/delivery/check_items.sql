-- Refuses outcomes that do not fit their messages: lengths, names, positions that the slice never had (22023).
create or replace function howdah.check_items(
  v_slice howdah.slice,
  v_positions bigint[],
  v_outcomes text[],
  v_delays interval[],
  v_reasons text[],
  v_errors text[]
) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count constant int := cardinality(v_positions);
  v_bad text;
begin
  if v_count <> coalesce(cardinality(v_outcomes), 0) or v_count <> coalesce(cardinality(v_delays), v_count)
      or v_count <> coalesce(cardinality(v_reasons), v_count) or v_count <> coalesce(cardinality(v_errors), v_count) then
    raise exception using errcode = '22023',
      message = 'positions, outcomes, delays, reasons and errors must have one length',
      hint = 'Give null for an array that is not needed, or null for a single element.';
  end if;
  select format('outcome of position %s must be done, retry, release, reject or archive', coalesce(i.position::text, 'null'))
  into v_bad
  from unnest(v_positions, v_outcomes) as i (position, outcome)
  where i.outcome is null or i.outcome not in ('done', 'retry', 'release', 'reject', 'archive')
  limit 1;
  if v_bad is null then
    select format('position %s does not belong to this token', coalesce(i.position::text, 'null')) into v_bad
    from unnest(v_positions) as i (position)
    where i.position is null or i.position not between v_slice.from_pos and v_slice.to_pos
      or (v_slice.positions is not null and i.position <> all (v_slice.positions))
    limit 1;
  end if;
  if v_bad is null then
    select format('position %s is named %s times', i.position, count(*)) into v_bad
    from unnest(v_positions) as i (position) group by i.position having count(*) > 1 limit 1;
  end if;
  if v_bad is null and exists (select from unnest(v_delays) d where d not between '0' and '3660 days') then
    v_bad := 'a delay must be between 0 and 10 years';
  end if;
  if v_bad is not null then
    raise exception using errcode = '22023', message = v_bad,
      hint = 'Settle each message of a claim once, by the position that claim returned.';
  end if;
end
$$;
