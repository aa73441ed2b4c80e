-- The jobs of a scope that a filter means. The one place that knows the filter: {"id", "queue", "action", "state",
-- "available", "text"}; all that are given have to hold. text is looked for in queue, action and params, whatever the
-- case. Never looks beyond the scope. Locks and writes nothing, so it may be called in a transaction that stays open. Raises
-- HD404, HD409, 22023 for an unknown member or a value that cannot be.
create or replace function howdah.find_jobs(v_scope text, v_filter json)
returns setof howdah.job
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub constant howdah.subscription := howdah.job_scope(v_scope);
  v_given constant jsonb := coalesce(v_filter, '{}');
  v_bad text;
  v_id uuid;
begin
  if jsonb_typeof(v_given) <> 'object' then
    raise exception using errcode = '22023', message = 'a filter must be a JSON object',
      hint = 'For example {"queue": "mail", "state": "retrying"}; {} means all.';
  end if;
  select f.key into v_bad
  from jsonb_each(v_given) f
  where f.key not in ('id', 'queue', 'action', 'state', 'available', 'text')
    or jsonb_typeof(f.value) <> case f.key when 'available' then 'boolean' else 'string' end
    or f.key = 'state' and f.value #>> '{}' not in ('scheduled', 'available', 'waiting', 'running', 'retrying', 'blocked',
      'done', 'dead')
  order by f.key limit 1;
  if found then
    raise exception using errcode = '22023', message = format('a filter cannot have this member: "%s"', left(v_bad, 80)),
      hint = 'Members are id, queue, action, text (texts), available (true or false), and state: scheduled, available, '
        'waiting, running, retrying, blocked, done or dead.';
  end if;
  begin
    v_id := v_given ->> 'id';
  exception
    when data_exception then
      raise exception using errcode = '22023', message = 'a filter holds what is no id', hint = 'An id is a UUID.';
  end;
  return query
  select j.*
  from howdah.all_jobs(v_sub, v_given ->> 'queue', v_id, v_given ->> 'state') j
  where (not v_given ? 'action' or j.action = v_given ->> 'action')
    and (not v_given ? 'available' or (j.state = 'available') = (v_given ->> 'available')::boolean)
    and (not v_given ? 'text' or position(lower(v_given ->> 'text') in lower(concat_ws(' ', j.queue, j.action,
      j.params::text))) > 0);
end
$$;
