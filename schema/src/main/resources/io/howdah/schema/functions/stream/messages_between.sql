-- The messages at the positions from v_from to v_to of a stream. A tick says which transactions and numbers are its own;
-- the order of seq inside of it gives the positions. Where its numbers have no gaps, as after a large publish, only the
-- wanted ones are read; else all of the tick. Inlined into its callers, which pin the plan; OFFSET 0 keeps the order of
-- the joins, so that each range of transactions is one look into the index (stream, xid, seq) of each child. Order by
-- (tick, seq), which is the order of position and the one that the planner knows to be there already. Ticks and messages
-- lie in the children v_low to v_high; who does not know says 0 to 7, who does spares opening the others.
create or replace function howdah.messages_between(
  v_stream int,
  v_from bigint,
  v_to bigint,
  v_low smallint default 0,
  v_high smallint default 7
)
returns table (
  "position" bigint,
  attempt smallint,
  published_at timestamptz,
  id uuid,
  topic text,
  key text,
  headers json,
  payload json,
  body bytea,
  content_type text,
  failed_at timestamptz,
  expires_at timestamptz,
  keeps_key boolean,
  origin bigint,
  tick bigint,
  seq bigint,
  xid bigint,
  seg smallint
)
language sql stable
as $$
  select m.position, m.attempt, m.published_at, m.id, m.topic, m.key, m.headers, m.payload, m.body, m.content_type,
    m.failed_at, m.expires_at, m.keeps_key, m.origin, m.first, m.seq, m.xid, m.seg
  from (
    select t.first + b.skipped + row_number() over (partition by t.first order by l.seq) - 1 as position, l.attempt,
      l.published_at, l.id, l.topic, l.key, l.headers, l.payload, l.body, l.content_type, l.failed_at,
      l.expires_at, l.keeps_key, l.origin, t.first, l.seq, l.xid, l.seg
    from howdah.tick t
      cross join lateral (
        select greatest(v_from - t.first, 0) as skipped, least(v_to - t.first, t.n - 1) as last where t.hi - t.lo + 1 = t.n
        union all
        select 0, t.hi - t.lo where t.hi - t.lo + 1 <> t.n
      ) b
      cross join lateral unnest(t.xids) x
      cross join lateral (
        select * from howdah.log l
        where l.seg between v_low and v_high and l.stream = v_stream and l.xid >= lower(x) and l.xid < upper(x)
          and l.seq between t.lo + b.skipped and t.lo + b.last
        offset 0
      ) l
    where t.seg between v_low and v_high and t.stream = v_stream and t.first <= v_to
      and t.first >= coalesce((
        select b.first from howdah.tick b
        where b.seg between v_low and v_high and b.stream = v_stream and b.first <= v_from
        order by b.first desc limit 1
      ), v_from)
  ) m
  where m.position between v_from and v_to
$$;
