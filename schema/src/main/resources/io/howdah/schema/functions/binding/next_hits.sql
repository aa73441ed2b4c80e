-- The next messages for a filtered subscription, up to v_quantity of those from v_from to v_to, and the position up to which
-- nothing else is for it. Looks on until it has 256, or has looked for a second: what it has passed over by then is
-- done with, and the next claim goes on there.
create or replace function howdah.next_hits(
  v_sub howdah.subscription,
  v_src int,
  v_from bigint,
  v_to bigint,
  v_quantity int,
  out hits bigint[],
  out last bigint
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '1 s';
  v_more bigint[];
begin
  hits := '{}';
  last := v_from - 1;
  while last < v_to and cardinality(hits) < least(v_quantity, 256) loop
    select s.hits, s.last into v_more, last from howdah.sift(v_sub, v_src, last + 1, v_to) s;
    hits := hits || v_more;
    if last < v_to and cardinality(hits) = 0 and clock_timestamp() >= v_until then
      raise notice using errcode = 'HD503',
        message = format('%s messages of the stream are not for "%s", and there are more', last - v_from + 1, v_sub.name),
        hint = 'Claim again: it goes on where this look has ended.';
      exit;
    end if;
  end loop;
  if cardinality(hits) > v_quantity then
    hits := hits[:v_quantity];
    last := hits[v_quantity];
  end if;
end
$$;
