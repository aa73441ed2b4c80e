-- The jobs of a scope, or of one queue of it, that are in the log and not over, each with its state: running; retrying
-- (failed, waits for its next attempt) or blocked (failed, waits for somebody to decide); waiting (behind another one of
-- its queue); available. Not those that are scheduled. All in the snapshot of the caller's statement, so that a job that
-- moves on meanwhile is seen once. Takes time for each job that waits in the scope, unless a queue is given.
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
language plpgsql stable
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
begin
  return query
  with waiting as materialized (
    select p.* from howdah.parked p where p.sub = v_sub.id and (v_queue is null or p.key_hash = v_hash)
    union all
    select c.*
    from unnest(array[v_sub.stream, v_sub.return_stream], array[v_head.source_at, v_head.return_at]) s (src, at)
      cross join lateral howdah.behind_cursor(v_sub, s.src, s.at) c
    where v_queue is null or c.key_hash = v_hash
  ), running as materialized (
    select coalesce(h.token, s.token) as token, coalesce(h.attempt, s.attempt) as attempt,
      coalesce(h.owner, s.owner) as owner, s.at, s.src, m.position, m.key_hash, m.attempt as before, m.id, m.key,
      m.headers, m.payload, m.published_at
    from howdah.open_slices(v_head) o
      join howdah.slice s on s.seg = o.seg and s.sub = v_sub.id and s.no = o.no
      left join howdah.held h on h.sub = s.sub and h.no = s.no
      cross join lateral howdah.slice_messages(s) m
    where (v_queue is null or m.key_hash = v_hash) and m.position in (select unnest(howdah.open_positions(s)))
  ), ranked as (
    select w.*, row_number() over (partition by w.key_hash order by w.at, w.src, w.position) as nth from waiting w
  )
  select l.id, l.key, l.headers, l.payload, l.published_at,
    case
      when h.due = 'infinity' then 'blocked'
      when h.due > v_now then 'retrying'
      when w.nth > 1 or w.key_hash in (select r.key_hash from running r)
          or exists (select from howdah.blocked b where b.sub = v_sub.id and b.key_hash = w.key_hash and b.due > v_now)
        then 'waiting'
      else 'available'
    end,
    l.attempt::int + w.attempt, h.failed_at, h.owner, h.reason, h.error, nullif(h.due, 'infinity')
  from ranked w
    cross join lateral howdah.message_of(w.src, w.xid, w.seq, w.seg, w.seg) l
    left join howdah.blocked h
      on h.sub = v_sub.id and h.key_hash = w.key_hash and h.src = w.src and h.position = w.position
        and h.failed_at is not null
  union all
  select r.id, r.key, r.headers, r.payload, r.published_at, case when r.token = 0 then 'available' else 'running' end,
    r.before::int + r.attempt, r.at, r.owner, h.reason, h.error, null
  from running r
    left join howdah.blocked h
      on h.sub = v_sub.id and h.key_hash = r.key_hash and h.src = r.src and h.position = r.position;
end
$$;
