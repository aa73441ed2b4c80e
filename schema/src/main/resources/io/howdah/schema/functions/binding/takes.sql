-- Whether a subscription takes a message of this topic at a position of its stream; by default at the one that is given next.
create or replace function howdah.takes(v_sub int, v_topic text, v_position bigint default 9223372036854775807)
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
