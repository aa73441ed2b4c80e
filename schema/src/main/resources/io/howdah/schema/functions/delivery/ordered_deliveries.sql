-- deliveries() for a slice of an ordered subscription, which names where the log has each of its messages.
create or replace function howdah.ordered_deliveries(v_slice howdah.slice, v_now timestamptz)
returns setof howdah.delivery
language sql stable
as $$
  select (select concat_ws('.', (v_slice).seg, (v_slice).sub, (v_slice).no, (v_slice).token)), u.position, l.id, l.topic,
    l.key, l.headers, l.payload, l.body, l.content_type, l.published_at, l.attempt + ((v_slice).attempt + 1)
  from unnest((v_slice).positions, (v_slice).xids, (v_slice).seqs) u (position, xid, seq)
    cross join lateral howdah.message_of((v_slice).src, u.xid, u.seq, (v_slice).low_seg, (v_slice).high_seg) l
  where (l.expires_at is null or l.expires_at > v_now)
    and not exists (
      select from howdah.part p
      where p.seg = (v_slice).seg and p.sub = (v_slice).sub and p.no = (v_slice).no and u.position = any (p.positions))
  order by u.position
$$;
