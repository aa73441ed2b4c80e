-- Reads on in a stream for a keyed subscription, from position v_at on, until it has messages whose keys wait for
-- nobody, at most v_quantity; those that wait are parked. Returns the free ones and where it has come to. Sequences the
-- stream when it stands at its end. Reads on for ten windows at most; a message is read once, however long it waits for
-- its key. Of jobs all are parked, because their times are their order, about 100,000 in a call. v_busy are the keys that are
-- busy, v_flight those in flight. The caller holds the cutting lock.
create or replace function howdah.look_ahead(
  v_sub howdah.subscription,
  v_src int,
  v_busy bigint[],
  v_flight bigint[],
  v_quantity int,
  inout v_at bigint,
  out free howdah.parked[]
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_tick howdah.tick := howdah.newest_tick(v_src);
  v_end bigint;
  v_window record;
  v_sorted record;
begin
  free := '{}';
  if v_tick.first + v_tick.n - 1 <= v_at then
    v_tick := howdah.sequence_stream(v_src);
  end if;
  v_end := v_tick.first + v_tick.n - 1;
  if v_end is null then
    return;
  elsif v_sub.ordering = 'job' then
    for window_no in 1..50 loop
      exit when v_at >= v_end;
      v_window := howdah.read_window(v_sub, v_src, v_at, v_end, 2000);
      perform howdah.park(v_window.messages);
      v_at := v_window.last;
    end loop;
    return;
  end if;
  for window_no in 1..10 loop
    exit when v_at >= v_end or cardinality(free) > 0;
    v_window := howdah.read_window(v_sub, v_src, v_at, v_end,
      greatest(2 * v_quantity, case when v_sub.key_limited then 64 * window_no else 256 end));
    v_sorted := howdah.sort_out(v_sub, v_window.messages, v_busy, v_flight, v_quantity, v_window.last);
    perform howdah.park(v_sorted.waiting);
    free := v_sorted.free;
    v_at := v_sorted.last;
    if v_sub.key_rate is not null then
      perform howdah.note_keys(v_sub, free, array(select w.key_hash from unnest(v_sorted.waiting) w), howdah.now());
    end if;
  end loop;
end
$$;
