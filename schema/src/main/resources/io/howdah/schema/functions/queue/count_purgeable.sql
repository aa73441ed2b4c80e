-- How many messages from v_from to v_to a subscription takes that match a topic's expression and a key, where these are
-- given.
create or replace function howdah.count_purgeable(
  v_sub howdah.subscription,
  v_src int,
  v_from bigint,
  v_to bigint,
  v_expression text,
  v_key text
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
  v_at bigint := v_from - 1;
  v_first bigint;
  v_hits bigint[];
begin
  if not v_sub.filtered and num_nulls(v_expression, v_key) = 2 then
    return greatest(v_to - v_from + 1, 0);
  end if;
  while v_at < v_to loop
    v_first := v_at + 1;
    select s.hits, s.last into v_hits, v_at from howdah.sift(v_sub, v_src, v_first, v_to) s;
    if num_nulls(v_expression, v_key) = 2 then
      v_count := v_count + cardinality(v_hits);
    else
      v_count := v_count + (
        select count(*)
        from howdah.messages_between(v_src, v_first, v_at) m
        where m.position in (select unnest(v_hits))
          and (v_expression is null or coalesce('.' || m.topic, '') collate "C" ~ v_expression)
          and (v_key is null or m.key = v_key));
    end if;
  end loop;
  return v_count;
end
$$;
