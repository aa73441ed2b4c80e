-- What of keyed subscriptions keeps a segment from being emptied: messages in it that are parked, or in an open slice;
-- null if nothing. Looks at both at one moment: what is parked or unparked meanwhile is in one of them. What was carried
-- keeps nothing.
create or replace function howdah.ordered_blocker(v_seg smallint) returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_name text;
  v_parked boolean;
begin
  select b.name, p.parked into v_name, v_parked
  from howdah.subscription b
    cross join lateral (select s.* from howdah.slice s where s.sub = b.id order by s.no desc limit 1) head
    cross join lateral (
      select exists (select from howdah.parked p where p.seg = v_seg and p.sub = b.id offset 0) as parked
    ) p
  where p.parked or exists (
    select
    from howdah.open_slices(head) o
      join howdah.slice s on s.seg = o.seg and s.sub = b.id and s.no = o.no
      cross join lateral unnest(s.xids, s.seqs) u (xid, seq)
    where v_seg between s.low_seg and s.high_seg and s.xids is not null
      and exists (
        select from howdah.log l where l.seg = v_seg and l.stream = s.src and l.xid = u.xid and l.seq = u.seq offset 0))
  order by p.parked desc
  limit 1;
  return case v_parked
    when true then format('messages of subscription %s that wait for their keys are being carried out of it', v_name)
    when false then format('subscription %s has not settled all that it took of it', v_name)
  end;
end
$$;
