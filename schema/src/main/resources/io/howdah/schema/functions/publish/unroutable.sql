-- Which messages, by their ordinals, no subscription of a stream takes, going by their topics, keys and ids, and by the
-- bindings and partitions that the caller sees. Each topic is matched once.
create or replace function howdah.unroutable(v_stream int, v_ids uuid[], v_topics text[], v_keys text[]) returns bigint[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  return array(
    select m.o
    from unnest(v_ids, v_topics, v_keys) with ordinality m (id, topic, key, o)
      join (
        select d.topic, array(
          select s from howdah.subscription s
          where s.stream = v_stream and howdah.takes_topic(s.id, nullif(d.topic, ''))) as takers
        from (select distinct coalesce(t, '') as topic from unnest(v_topics) t) d
        offset 0
      ) t on t.topic = coalesce(m.topic, '')
    where not exists (select from unnest(t.takers) s where howdah.in_partition(s, m.key, m.id))
    order by m.o);
end
$$;
