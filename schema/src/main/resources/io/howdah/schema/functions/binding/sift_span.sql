-- Where one look of sift ends: with the tick in which position v_from + 1,999 or v_to lies, not beyond v_to; and the ring
-- children that have to be opened for it. Ticks follow the segments, so where the first one lies beside the newest, all
-- do.
create or replace function howdah.sift_span(
  v_src int,
  v_from bigint,
  v_to bigint,
  out last bigint,
  out low smallint,
  out high smallint
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_seg constant smallint := (howdah.newest_tick(v_src)).seg;
  v_segs int;
begin
  if exists (select from howdah.tick t where t.seg = v_seg and t.stream = v_src and t.first <= v_from) then
    low := v_seg;
    high := v_seg;
  else
    low := 0;
    high := 7;
  end if;
  select least(max(t.first + t.n) - 1, v_to), bit_or(t.segs | (1 << t.seg)) into last, v_segs
  from howdah.tick t
  where t.seg between low and high and t.stream = v_src and t.first <= least(v_from + 1999, v_to)
    and t.first >= (
      select f.first from howdah.tick f
      where f.seg between low and high and f.stream = v_src and f.first <= v_from order by f.first desc limit 1);
  if v_segs <> 1 << v_seg then
    low := 0;
    high := 7;
  end if;
end
$$;
