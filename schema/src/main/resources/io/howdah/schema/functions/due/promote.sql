-- Moves messages that are due into the log of their stream, at most 5,000 a call, publishes what recurs, and returns how
-- many there were. One session at a time does it for everybody; who comes second returns 0 at once, unless something has
-- been due for a second: then the first is in a transaction that stays open, and what it has not taken goes on without it.
--
-- The watermark (up to where everything was moved) is a sequence, so it is never rolled back: that is why a look starts a
-- minute before it and, every ten seconds, from the beginning. It only saves work; it never decides that a message is gone.
create or replace function howdah.promote() returns int
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
  v_xid bigint;
  v_block bigint;
  v_seg smallint;
  v_now constant timestamptz := howdah.now();
  v_until timestamptz := v_now;
  v_from timestamptz;
  v_moved int;
begin
  perform howdah.require_read_committed('promote');
  perform from howdah.duty d where d.name = 'promote' for update skip locked;
  if not found then
    if not howdah.is_due('1 s') then
      return 0;
    end if;
    v_until := v_now - interval '1 s';
  end if;
  v_xid := pg_current_xact_id()::text::bigint;
  v_block := nextval('howdah.block') << 13;
  v_seg := howdah.current_segment();
  v_from := howdah.due_from(v_now);

  with due as (
    delete from howdah.due d
    using (
      select p.due, p.no from howdah.due p
      where p.due <= v_until and p.due > v_from and p.recurring is null
      order by p.due, p.no
      limit 5000
      for update skip locked
    ) p
    where d.due = p.due and d.no = p.no
    returning d.*
  )
  insert into howdah.log (seg, attempt, stream, xid, seq, published_at, id, topic, key, headers, payload, body, content_type,
    failed_at, expires_at, keeps_key, origin)
  select v_seg, d.attempt, d.stream, v_xid, v_block + row_number() over (order by d.due, d.no), d.published_at, d.id,
    d.topic, d.key, d.headers, d.payload, d.body, d.content_type, d.failed_at,
    d.expires_at, d.keeps_key, d.origin
  from due d
  where exists (select from howdah.stream s where s.id = d.stream);
  get diagnostics v_moved = row_count;

  if v_moved < 5000 then
    perform setval('howdah.due_watermark', floor(extract(epoch from v_until) * 1000000)::bigint);
    if v_from = '-infinity' then
      perform setval('howdah.due_full_pass', floor(extract(epoch from v_now) * 1000000)::bigint);
    end if;
  end if;
  if exists (select from howdah.due d where d.recurring is not null and d.due <= v_now) then
    v_moved := v_moved + howdah.fire_recurring(v_now);
  end if;
  return v_moved;
end
$$;
