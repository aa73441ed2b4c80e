-- The next messages of a stream for an ordered subscription, after position v_at and not beyond v_end, about v_count of
-- them, as they would be parked; and the position up to which nothing else is for it.
create or replace function howdah.read_window(
  v_sub howdah.subscription,
  v_src int,
  v_at bigint,
  v_end bigint,
  v_count int,
  out messages howdah.parked[],
  out last bigint
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
set enable_hashjoin = off
as $$
#variable_conflict use_column
declare
  v_low smallint;
  v_high smallint;
  v_hits bigint[];
begin
  select s.last, s.low, s.high into last, v_low, v_high
  from howdah.sift_span(v_src, v_at + 1, least(v_end, v_at + v_count)) s;
  if v_sub.filtered then
    select h.hits, h.last into v_hits, last from howdah.next_hits(v_sub, v_src, v_at + 1, v_end, v_count) h;
    v_low := 0;
    v_high := 7;
  end if;
  messages := array(
    select row(v_sub.id, howdah.key_hash(v_sub.ordering, m.key, m.seq),
      case when v_sub.ordering = 'job' then howdah.job_time(m.headers, m.published_at)
        else '1970-01-01 00:00:00+00'::timestamptz end,
      v_src, m.position, m.xid, m.seq, 0, m.seg)::howdah.parked
    from howdah.messages_between(v_src, coalesce(v_hits[1], v_at + 1), coalesce(v_hits[cardinality(v_hits)], last), v_low,
      v_high) m
    where v_hits is null or m.position in (select unnest(v_hits))
    order by m.position);
end
$$;
