-- Which messages, by their ordinals, no subscription of a stream takes, going by their topics and the bindings that the
-- caller sees. Each topic is matched once.
create or replace function howdah.unroutable(v_stream int, v_topics text[]) returns bigint[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  return array(
    select o.o
    from (
      select m.topic, array_agg(m.o) as ordinals
      from unnest(v_topics) with ordinality m (topic, o)
      group by m.topic
      having not exists (
        select from howdah.subscription s where s.stream = v_stream and howdah.takes(s.id, m.topic))
    ) t
      cross join lateral unnest(t.ordinals) o (o)
    order by o.o);
end
$$;
