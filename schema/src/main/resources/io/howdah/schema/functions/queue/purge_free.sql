-- Purges slices that were handed back: what matches is settled there, and a slice of which nothing is left is closed.
-- Returns how many messages that were; v_dry only counts. One that somebody is taking now is left to him. The caller
-- holds the cutting lock, or only counts; v_head is the newest slice.
create or replace function howdah.purge_free(
  v_sub howdah.subscription,
  v_head howdah.slice,
  v_expression text,
  v_key text,
  v_dry boolean
) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_count bigint := 0;
  v_no bigint;
  v_slice howdah.slice;
  v_open bigint[];
  v_hits bigint[];
begin
  for v_no in select o.no from howdah.open_slices(v_head) o where o.token = 0 loop
    if not v_dry then
      perform from howdah.slice s where s.sub = v_sub.id and s.no = v_no for update skip locked;
      continue when not found;
    end if;
    v_slice := howdah.open_slice(v_sub.id, v_no);
    continue when v_slice.no is null or v_slice.token <> 0;
    v_open := howdah.open_positions(v_slice);
    v_hits := array(
      select m.position
      from howdah.slice_messages(v_slice) m
      where m.position in (select unnest(v_open))
        and (v_expression is null or coalesce('.' || m.topic, '') collate "C" ~ v_expression)
        and (v_key is null or m.key = v_key));
    v_count := v_count + cardinality(v_hits);
    continue when v_dry or cardinality(v_hits) = 0;
    if cardinality(v_hits) = cardinality(v_open) then
      perform howdah.close_slice(v_slice, 'purged');
    else
      insert into howdah.part (seg, sub, no, positions) values (v_slice.seg, v_sub.id, v_slice.no, v_hits);
    end if;
  end loop;
  return v_count;
end
$$;
