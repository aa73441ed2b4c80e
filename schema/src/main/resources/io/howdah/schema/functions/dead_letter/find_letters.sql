-- The numbers of the dead letters ('dead') or archived messages ('archived') that a filter means, in order, after a number.
-- v_sub null means all subscriptions. The one place that knows the filter: {"ids": […], "reason", "topic", "key", "since",
-- "until", "text"}; all that are given have to hold. since is inclusive, until is not; text is looked for in reason, error,
-- topic, key, headers and payload, whatever the case. Raises 22023 for an unknown member or a value that cannot be.
create or replace function howdah.find_letters(v_kind text, v_sub int, v_filter json, v_after bigint, v_quantity bigint)
returns setof bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_given constant jsonb := coalesce(v_filter, '{}');
  v_bad text;
  v_ids uuid[];
  v_since timestamptz;
  v_until timestamptz;
begin
  if jsonb_typeof(v_given) <> 'object' then
    raise exception using errcode = '22023', message = 'a filter must be a JSON object',
      hint = 'For example {"reason": "lapsed", "since": "2030-01-31 12:00+00"}; {} means all.';
  end if;
  select f.key into v_bad
  from jsonb_each(v_given) f
  where f.key not in ('ids', 'reason', 'topic', 'key', 'since', 'until', 'text')
    or jsonb_typeof(f.value) <> case f.key when 'ids' then 'array' else 'string' end
  order by f.key limit 1;
  if found then
    raise exception using errcode = '22023', message = format('a filter cannot have this member: "%s"', left(v_bad, 80)),
      hint = 'Members are ids (an array), and reason, topic, key, since, until and text (texts).';
  end if;
  begin
    v_ids := case when v_given ? 'ids' then array(select i::uuid from jsonb_array_elements_text(v_given -> 'ids') i) end;
    v_since := v_given ->> 'since';
    v_until := v_given ->> 'until';
  exception
    when data_exception then
      raise exception using errcode = '22023', message = 'a filter holds what is no id or no time',
        hint = 'ids are UUIDs of messages; since and until are times with a zone, for example 2030-01-31T12:00:00Z.';
  end;

  return query
  select l.no
  from (
    select 'dead' as kind, d.sub, d.no, d.id, d.reason, d.error, d.topic, d.key, d.headers, d.payload, d.failed_at as at
    from howdah.dead_letter d
    union all
    select 'archived', a.sub, a.no, a.id, null, null, a.topic, a.key, a.headers, a.payload, a.archived_at
    from howdah.archive a
  ) l
  where l.kind = v_kind and (v_sub is null or l.sub = v_sub) and l.no > v_after
    and (v_ids is null or l.id = any (v_ids))
    and (not v_given ? 'reason' or l.reason = v_given ->> 'reason')
    and (not v_given ? 'topic' or l.topic = v_given ->> 'topic')
    and (not v_given ? 'key' or l.key = v_given ->> 'key')
    and (v_since is null or l.at >= v_since)
    and (v_until is null or l.at < v_until)
    and (not v_given ? 'text' or position(lower(v_given ->> 'text') in lower(concat_ws(' ', l.reason, l.error, l.topic,
      l.key, l.headers::text, l.payload::text))) > 0)
  order by l.no
  limit v_quantity;
end
$$;
