-- Whether the bindings of a subscription take this topic at a position of its stream. Part of takes, which knows the
-- partition, too.
create or replace function howdah.takes_topic(v_sub int, v_topic text, v_position bigint default 9223372036854775807)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce((
    select b.patterns is null or coalesce(coalesce('.' || v_topic, '') collate "C" ~ b.expression, false)
    from howdah.binding b
    where b.sub = v_sub and b.since <= v_position
    order by b.since desc limit 1), true);
end
$$;
