-- How many messages a purge would remove, see there: what has positions behind the cursors, what has none yet, and what was
-- handed back, is scheduled or parked. Locks and writes nothing.
create or replace function howdah.count_purge(v_sub howdah.subscription, v_expression text, v_key text) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_head constant howdah.slice := howdah.newest_slice(v_sub.id);
begin
  return howdah.count_purgeable(v_sub, v_sub.stream, v_head.source_at + 1, howdah.last_position(v_sub.stream), v_expression,
      v_key)
    + howdah.count_purgeable(v_sub, v_sub.return_stream, v_head.return_at + 1, howdah.last_position(v_sub.return_stream),
      v_expression, v_key)
    + (
      select count(*)
      from unnest(array[v_sub.stream, v_sub.return_stream]) s (id)
        cross join lateral howdah.unplaced(s.id) m
      where (v_expression is null or coalesce('.' || m.topic, '') collate "C" ~ v_expression)
        and (v_key is null or m.key = v_key)
        and (s.id = v_sub.return_stream or not v_sub.filtered or howdah.takes(v_sub, m.topic, m.key, m.id)))
    + howdah.purge_free(v_sub, v_head, v_expression, v_key, true)
    + howdah.purge_due(v_sub, v_expression, v_key, true)
    + howdah.purge_parked(v_sub, v_expression, v_key, true);
end
$$;
