-- The jobs of a scope, or of one queue of it, that are in the log and not over, each with its state: running; retrying
-- (failed, waits for its next attempt) or blocked (failed, waits for somebody to decide); waiting (behind another one of
-- its queue); available. Not those that are scheduled. Takes time for each job that waits in the scope, unless a queue is
-- given.
create or replace function howdah.open_jobs(v_sub howdah.subscription, v_queue text)
returns table (
  id uuid,
  key text,
  headers json,
  payload json,
  published_at timestamptz,
  state text,
  attempts int,
  attempted_at timestamptz,
  attempted_by text,
  reason text,
  error text,
  due timestamptz
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_hash constant bigint := howdah.key_hash('job', v_queue, 0);
  v_now constant timestamptz := howdah.now();
  v_head constant howdah.slice := howdah.newest_slice(v_sub.id);
  v_busy constant bigint[] := howdah.busy_keys(v_head);
begin
  return query
  with waiting as materialized (
    select p.* from howdah.parked p where p.sub = v_sub.id and (v_queue is null or p.key_hash = v_hash)
    union all
    select c.*
    from unnest(array[v_sub.stream, v_sub.return_stream], array[v_head.source_at, v_head.return_at]) s (src, at)
      cross join lateral howdah.behind_cursor(v_sub, s.src, s.at) c
    where v_queue is null or c.key_hash = v_hash
  ), ranked as (
    select w.*, row_number() over (partition by w.key_hash order by w.at, w.src, w.position) as nth from waiting w
  )
  select l.id, l.key, l.headers, l.payload, l.published_at,
    case
      when h.due = 'infinity' then 'blocked'
      when h.due > v_now then 'retrying'
      when w.nth > 1 or w.key_hash in (select unnest(v_busy))
          or exists (select from howdah.blocked b where b.sub = v_sub.id and b.key_hash = w.key_hash and b.due > v_now)
        then 'waiting'
      else 'available'
    end,
    l.attempt::int + w.attempt, h.failed_at, h.owner, h.reason, h.error, nullif(h.due, 'infinity')
  from ranked w
    cross join lateral (
      select * from howdah.log m where m.seg = w.seg and m.stream = w.src and m.xid = w.xid and m.seq = w.seq offset 0
    ) l
    left join howdah.blocked h
      on h.sub = v_sub.id and h.key_hash = w.key_hash and h.src = w.src and h.position = w.position
        and h.failed_at is not null
  union all
  select m.id, m.key, m.headers, m.payload, m.published_at, case when s.token = 0 then 'available' else 'running' end,
    m.attempt::int + s.attempt, s.at, s.owner, h.reason, h.error, null
  from howdah.open_slices(v_head) o
    cross join lateral howdah.open_slice(v_sub.id, o.no) s
    cross join lateral howdah.slice_messages(s) m
    left join howdah.blocked h
      on h.sub = v_sub.id and h.key_hash = m.key_hash and h.src = s.src and h.position = m.position
  where (v_queue is null or m.key_hash = v_hash) and m.position in (select unnest(howdah.open_positions(s)));
end
$$;
