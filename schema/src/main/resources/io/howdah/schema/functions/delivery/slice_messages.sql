-- The messages of a slice, those that are settled too. One that names where the log has each of its messages is read by
-- look-ups: its positions may lie far apart, and their ticks may be gone. Inlined into its callers, which pin the plan.
create or replace function howdah.slice_messages(v_slice howdah.slice)
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
  seq bigint,
  xid bigint,
  seg smallint,
  key_hash bigint
)
language sql stable
as $$
  select m.position, m.attempt, m.published_at, m.id, m.topic, m.key, m.headers, m.payload, m.body, m.content_type,
    m.failed_at, m.expires_at, m.keeps_key, m.origin, m.seq, m.xid, m.seg, null::bigint
  from howdah.messages_between((v_slice).src, (v_slice).from_pos, (v_slice).to_pos, (v_slice).low_seg, (v_slice).high_seg) m
  where (v_slice).xids is null and ((v_slice).positions is null or m.position = any ((v_slice).positions))
  union all
  select u.position, l.attempt, l.published_at, l.id, l.topic, l.key, l.headers, l.payload, l.body, l.content_type,
    l.failed_at, l.expires_at, l.keeps_key, l.origin, l.seq, l.xid, l.seg, u.key
  from unnest((v_slice).positions, (v_slice).keys, (v_slice).xids, (v_slice).seqs) u (position, key, xid, seq)
    cross join lateral howdah.message_of((v_slice).src, u.xid, u.seq, (v_slice).low_seg, (v_slice).high_seg) l
  where (v_slice).xids is not null
$$;
