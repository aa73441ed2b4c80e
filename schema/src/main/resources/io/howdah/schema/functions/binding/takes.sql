-- Whether a subscription will take a message of this topic that gets its position now.
create or replace function howdah.takes(v_sub int, v_topic text) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce((
    select b.patterns is null or coalesce('.' || v_topic, '') collate "C" ~ b.expression
    from (select b.* from howdah.binding b where b.sub = v_sub order by b.since desc limit 1) b
    where b.patterns is null or b.expression is not null
    union all
    select false from howdah.binding b where b.sub = v_sub
    limit 1), true);
end
$$;
