-- What a subscription would read of a stream after position v_at, as it would be parked: first what has positions, then what
-- has none yet, as if it had the next ones.
create or replace function howdah.behind_cursor(v_sub howdah.subscription, v_src int, v_at bigint)
returns setof howdah.parked
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_end constant bigint := howdah.last_position(v_src);
  v_window record;
begin
  while v_at < v_end loop
    v_window := howdah.read_window(v_sub, v_src, v_at, v_end, 2000);
    v_at := v_window.last;
    return query select m.* from unnest(v_window.messages) m;
  end loop;
  return query
  select v_sub.id, howdah.key_hash(v_sub.ordering, m.key, m.seq), howdah.job_time(m.headers, m.published_at), v_src,
    greatest(v_end, v_at) + row_number() over (order by m.seq), m.xid, m.seq, 0::smallint, m.seg
  from howdah.unplaced(v_src) m
  where v_src <> v_sub.stream or not v_sub.filtered or howdah.takes(v_sub, m.topic, m.key, m.id);
end
$$;
