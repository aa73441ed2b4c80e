-- The slices of a subscription that are not closed: who has them, until when, how many messages are left. v_head is its
-- newest slice. What is free, or has gone past its lease without anybody noticing yet, has token 0 or an old deadline.
create or replace function howdah.open_slices(v_head howdah.slice)
returns table (seg smallint, no bigint, token bigint, deadline timestamptz, src int, from_pos bigint, to_pos bigint, n bigint,
  owner text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  select s.seg, s.no, coalesce(h.token, s.token), coalesce(h.deadline, s.deadline), s.src, s.from_pos, s.to_pos,
    s.n - coalesce((
      select sum(cardinality(p.positions)) from howdah.part p where p.seg = s.seg and p.sub = s.sub and p.no = s.no), 0),
    case when h.no is null then s.owner else h.owner end
  from (
    select a.* from howdah.slice a
    where a.sub = v_head.sub and a.no >= v_head.floor and a.n > 0
    union all
    select b.* from howdah.held h join howdah.slice b on b.sub = h.sub and b.no = h.no
    where h.sub = v_head.sub and h.no < v_head.floor
  ) s
    left join howdah.held h on h.sub = s.sub and h.no = s.no
  where not exists (select from howdah.closed c where c.seg = s.seg and c.sub = s.sub and c.no = s.no offset 0)
  order by s.no;
end
$$;
