-- Whether a message that keeps its key is still to be settled: it is scheduled, or waits for a subscription that takes it, or
-- is in somebody's hands, also if it was carried. No more once every subscription has done with it, however: done, dead,
-- discarded, expired, cancelled or purged. Stable, so all of it is seen at one moment: a message that moves meanwhile is not
-- overlooked.
create or replace function howdah.is_unsettled(v_stream int, v_id uuid) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
  return exists (
      select from howdah.due d
      where d.id = v_id and (d.stream = v_stream
        or exists (select from howdah.subscription s where s.stream = v_stream and s.return_stream = d.stream)))
    or exists (
      select from howdah.log l
        join howdah.subscription s on s.stream = l.stream or s.return_stream = l.stream
      where l.id = v_id and l.keeps_key and v_stream in (l.stream, s.stream)
        and howdah.is_waiting(s, l.stream, l.xid, l.seq, l.topic, l.key, l.id))
    or exists (
      select from howdah.carried c
        join howdah.subscription s on s.stream = c.stream or s.return_stream = c.stream
      where c.id = v_id and c.keeps_key and v_stream in (c.stream, s.stream)
        and howdah.is_in_use(s, c.stream, c.xid, c.seq));
end
$$;
