-- A subscription with its options about failure changed, for with_options: how often a message is tried, how long it waits
-- in between, what happens after the last attempt. A row of nulls gets the defaults. A new backoff begins with its own
-- defaults; times without a backoff change the one that is there. Raises 22023.
create or replace function howdah.with_retry_options(v_sub howdah.subscription, v_given jsonb) returns howdah.subscription
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_value jsonb;
  v_bad text;
begin
  if v_sub.backoff is null then
    v_sub.max_attempts := 20;
    v_sub.after_last := 'dead_letter';
    v_given := '{"backoff": "exponential"}' || v_given;
  end if;
  if v_given ? 'max_attempts' then
    v_value := v_given -> 'max_attempts';
    if v_value = '"infinite"' then
      v_sub.max_attempts := null;
    elsif jsonb_typeof(v_value) = 'number' and v_value::numeric between 1 and 30000 and v_value::numeric % 1 = 0 then
      v_sub.max_attempts := v_value::int;
    else
      v_bad := format('max_attempts must be a whole number from 1 to 30000 or "infinite" but was %s', left(v_value::text, 80));
    end if;
  end if;
  if v_given ? 'after_last' then
    v_sub.after_last := case when v_given ->> 'after_last' in ('dead_letter', 'discard', 'block')
      then v_given ->> 'after_last' end;
    if v_sub.after_last is null then
      v_bad := format('after_last must be dead_letter, discard or block but was %s', left((v_given -> 'after_last')::text, 80));
    end if;
  end if;
  if v_sub.after_last <> 'dead_letter' and v_sub.max_attempts is null then
    v_bad := 'after_last ' || v_sub.after_last || ' cannot happen while max_attempts is infinite';
  end if;
  if v_given ? 'backoff' then
    v_sub.backoff := case when v_given ->> 'backoff' in ('none', 'fixed', 'list', 'exponential') then v_given ->> 'backoff' end;
    v_sub.delays := case v_sub.backoff when 'none' then '{0}' when 'exponential' then '{1 s}' else '{}' end::interval[];
    v_sub.delay_cap := '1 hour';
    v_sub.jitter := case when v_sub.backoff = 'exponential' then 0.1 else 0 end;
    if v_sub.backoff is null then
      v_bad := format('backoff must be none, fixed, list or exponential but was %s', left((v_given -> 'backoff')::text, 80));
    end if;
  end if;
  if v_bad is null then
    select format('%s does not fit the backoff %s', o.name, v_sub.backoff) into v_bad
    from (values ('delay', 'fixed'), ('delays', 'list'), ('base', 'exponential'), ('cap', 'exponential')) o (name, backoff)
    where v_given ? o.name and o.backoff <> v_sub.backoff
    limit 1;
  end if;
  if v_bad is null and v_given ? 'jitter' then
    v_value := v_given -> 'jitter';
    if jsonb_typeof(v_value) <> 'number' or v_value::numeric not between 0 and 1 then
      v_bad := format('jitter must be a number from 0 to 1 but was %s', left(v_value::text, 80));
    elsif v_sub.backoff = 'none' and v_value::numeric > 0 then
      v_bad := 'jitter does not fit the backoff none';
    else
      v_sub.jitter := v_value::float8;
    end if;
  end if;
  if v_bad is null and v_given ? 'delays'
      and (jsonb_typeof(v_given -> 'delays') <> 'array' or jsonb_array_length(v_given -> 'delays') not between 1 and 1000) then
    v_bad := 'delays must be an array of 1 to 1000 times';
  end if;
  if v_bad is not null then
    raise exception using errcode = '22023', message = v_bad,
      hint = 'none takes no time, fixed a delay, list delays, exponential base and cap; all but none a jitter.';
  end if;

  if v_given ? 'delay' then
    v_sub.delays := array[howdah.option_interval('delay', v_given -> 'delay', '0')];
  elsif v_given ? 'delays' then
    v_sub.delays := array(
      select howdah.option_interval('an element of delays', d.value, '0')
      from jsonb_array_elements(v_given -> 'delays') with ordinality d (value, o) order by d.o);
  elsif v_given ? 'base' then
    v_sub.delays := array[howdah.option_interval('base', v_given -> 'base', '1 ms')];
  end if;
  if v_given ? 'cap' then
    v_sub.delay_cap := howdah.option_interval('cap', v_given -> 'cap', '1 ms');
  end if;
  if cardinality(v_sub.delays) = 0 then
    raise exception using errcode = '22023',
      message = format('backoff %s needs %s', v_sub.backoff, case v_sub.backoff when 'fixed' then 'a delay' else 'delays' end),
      hint = 'For example {"backoff": "fixed", "delay": "10 s"} or {"backoff": "list", "delays": ["1 s", "1 min"]}.';
  elsif v_sub.backoff = 'exponential' and v_sub.delays[1] > v_sub.delay_cap then
    raise exception using errcode = '22023',
      message = format('base %s is longer than cap %s', v_sub.delays[1], v_sub.delay_cap),
      hint = 'The first delay is base, the longest is cap: give both.';
  end if;
  return v_sub;
end
$$;
