-- The messages of a slice that are not settled yet nor expired at v_now, as they are handed out. Inlined into its callers.
-- The token and what is settled stand in selects of their own, which are made once: for each row anew each of them would be
-- a fifth of the work of a claim.
create or replace function howdah.deliveries(v_slice howdah.slice, v_now timestamptz) returns setof howdah.delivery
language sql stable
as $$
  select (select concat_ws('.', (v_slice).seg, (v_slice).sub, (v_slice).no, (v_slice).token)), m.position, m.id, m.topic,
    m.key, m.headers, m.payload, m.body, m.content_type, m.published_at, m.attempt + ((v_slice).attempt + 1)
  from howdah.messages_between((v_slice).src, (v_slice).from_pos, (v_slice).to_pos, (v_slice).low_seg, (v_slice).high_seg) m
  where ((v_slice).positions is null or m.position = any ((v_slice).positions))
    and (m.expires_at is null or m.expires_at > v_now)
    and not m.position = any (array(
      select unnest(p.positions) from howdah.part p
      where p.seg = (v_slice).seg and p.sub = (v_slice).sub and p.no = (v_slice).no))
  order by m.tick, m.seq
$$;
