-- What a subscription holds, or all of them: messages that are ready (committed, not handed out), in flight (handed out,
-- not settled), scheduled and dead; how many its stream has ever given a position or has committed since; since when the
-- oldest ready one has been waiting; how many were discarded after their last attempt; how many wait behind a message of
-- their key that failed, itself included; how many have expired before they could be handed out; how many are archived; and
-- when the newest message of the stream was published, if it is still there. A snapshot of a moving thing; changes
-- nothing. Raises HD404 for an unknown name.
create or replace function howdah.stats(name text default null)
returns table (
  subscription text,
  stream text,
  kind text,
  ready bigint,
  in_flight bigint,
  scheduled bigint,
  dead bigint,
  published bigint,
  oldest_ready timestamptz,
  discarded bigint,
  blocked bigint,
  expired bigint,
  archived bigint,
  newest timestamptz
)
language plpgsql volatile
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
  if stats.name is not null
    and not exists (select from howdah.subscription s where s.name = stats.name) then
    perform howdah.fail_unknown('subscription', stats.name);
  end if;
  return query
  select s.name, t.name, s.kind, backlog.n + free.n + parked.n - parked.blocked, taken.n, scheduled.n, dead.n,
    source.published, oldest.at,
    counted.discarded, parked.blocked, counted.expired,
    archived.n, coalesce(source.newest, newest.at)
  from howdah.subscription s
    join howdah.stream t on t.id = s.stream
    cross join lateral (select h.* from howdah.slice h where h.sub = s.id order by h.no desc limit 1) head
    cross join lateral (
      select howdah.last_position(s.stream) + u.n as published, u.newest,
        howdah.last_position(s.return_stream) + (howdah.unsequenced(s.return_stream, 2147483647)).n as returned
      from howdah.unsequenced(s.stream, 2147483647) u
    ) source
    cross join lateral (
      select case when s.filtered then (howdah.waiting(s, head)).n
        else source.published - head.source_at + source.returned - head.return_at end as n
    ) backlog
    cross join lateral (
      select coalesce(sum(o.n) filter (where o.token = 0), 0)::bigint as n from howdah.open_slices(head) o
    ) free
    cross join lateral (
      select coalesce(sum(o.n) filter (where o.token <> 0), 0)::bigint as n from howdah.open_slices(head) o
    ) taken
    cross join lateral (
      select (select count(*) from howdah.due d where d.stream = s.return_stream and d.recurring is null)
        + (select count(*) from howdah.due d
          where d.stream = s.stream and d.recurring is null and (not s.filtered or howdah.takes(s, d.topic, d.key, d.id))) as n
    ) scheduled
    cross join lateral (select count(*) as n from howdah.dead_letter d where d.sub = s.id) dead
    cross join lateral (
      select coalesce(sum(y.n) filter (where y.what = 'discarded'), 0)::bigint as discarded,
        coalesce(sum(y.n) filter (where y.what = 'expired'), 0)::bigint as expired
      from howdah.tally y
      where y.sub = s.id
    ) counted
    cross join lateral (
      select count(*) as n, count(*) filter (where b.due > howdah.now()) as blocked
      from howdah.parked p
        left join howdah.blocked b on b.sub = p.sub and b.key_hash = p.key_hash
      where p.sub = s.id
    ) parked
    cross join lateral (select count(*) as n from howdah.archive a where a.sub = s.id) archived
    cross join lateral (
      select max(m.published_at) as at
      from howdah.last_position(s.stream) l cross join lateral howdah.messages_between(s.stream, l, l) m
    ) newest
    cross join lateral (select howdah.oldest_ready(s, head) as at) oldest
  where stats.name is null or s.name = stats.name
  order by s.name;
end
$$;
