-- When the oldest message that is ready was published; null if none is. Looks at the first message of each place where
-- ready ones wait: slices that nobody owns, the return stream, the stream, and what has no position yet (there at up to
-- 1,000 messages). v_head is the subscription's newest slice. Changes nothing.
create or replace function howdah.oldest_ready(v_sub howdah.subscription, v_head howdah.slice) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
  return (
    select min(r.at)
    from (
      select m.published_at as at
      from (
        select o.src, o.from_pos from howdah.open_slices(v_head) o where o.token = 0 and not v_sub.keyed
        union all
        select v_sub.return_stream, v_head.return_at + 1 where not v_sub.filtered
        union all
        select v_sub.stream, v_head.source_at + 1 where not v_sub.filtered
      ) f (src, first)
        cross join lateral howdah.messages_between(f.src, f.first, f.first) m
      union all
      select l.published_at
      from (
        (
          select p.src, p.xid, p.seq, p.seg as low, p.seg as high
          from howdah.parked p where p.sub = v_sub.id order by p.position limit 1
        )
        union all
        select s.src, s.xids[1], s.seqs[1], s.low_seg, s.high_seg
        from howdah.open_slices(v_head) o join howdah.slice s on s.seg = o.seg and s.sub = v_sub.id and s.no = o.no
        where o.token = 0 and v_sub.keyed and s.xids is not null
      ) p
        cross join lateral howdah.message_of(p.src, p.xid, p.seq, p.low, p.high) l
      union all
      select u.oldest from howdah.unsequenced(v_sub.stream, 1000) u where not v_sub.filtered
      union all
      select w.oldest from howdah.waiting(v_sub, v_head) w where v_sub.filtered
      union all
      select u.oldest from howdah.unsequenced(v_sub.return_stream, 1000) u
    ) r);
end
$$;
