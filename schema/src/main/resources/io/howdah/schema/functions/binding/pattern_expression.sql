-- Patterns as one regular expression over a topic with a dot before it, so that each word begins with its dot and no end
-- needs a rule of its own; null for no patterns, which nothing matches.
create or replace function howdah.pattern_expression(v_patterns text[]) returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select '^(?:' || string_agg(e.expression, '|' order by e.no) || ')$'
    from (
      select p.no, string_agg(
        case w.word when '*' then '\.[^.]+' when '#' then '(?:\.[^.]+)*' else '\.' || w.word end, '' order by w.no)
          as expression
      from unnest(v_patterns) with ordinality p (pattern, no)
        cross join lateral (
          select s.word, s.no, lag(s.word) over (order by s.no) as before
          from unnest(string_to_array(p.pattern, '.')) with ordinality s (word, no)
        ) w
      where w.word <> '#' or w.before is distinct from '#'
      group by p.no
    ) e);
end
$$;
