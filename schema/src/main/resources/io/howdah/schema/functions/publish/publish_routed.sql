-- Publishes one message, as publish does, or publish_bytes if its payload is null and it has a body and a content type, and
-- tells which subscriptions take it, by the bindings that this statement sees;
-- where none does, became says what its stream did: keep, drop or park, then parked_in says where. Costs a look at every
-- binding of the stream; publish does not look. Raises what publish and route do.
create or replace function howdah.publish_routed(
  stream text,
  payload json,
  topic text default null,
  key text default null,
  headers json default null,
  delay interval default null,
  due timestamptz default null,
  ttl interval default null,
  body bytea default null,
  content_type text default null,
  out message uuid,
  out subscriptions text[],
  out became text,
  out parked_in text
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_rules record;
begin
  if num_nonnulls(publish_routed.body, publish_routed.content_type) = 0 then
    message := howdah.publish($1, $2, $3, $4, $5, $6, $7, $8);
  else
    message := (howdah.publish_many($1, array[$2::text], array[$3], array[$4], array[$5::text], array[$6], array[$7], array[$8],
      array[$9], array[$10]))[1];
  end if;
  select s.unroutable, s.headers, howdah.stream_options_of(s) ->> 'park_in' as park_in into v_rules from howdah.stream s
    where s.name = $1 and s.kind <> 'return';
  subscriptions := array(
    select r.subscription
    from howdah.route($1, coalesce($3, $5 ->> 'type', v_rules.headers ->> 'type'), $4, message) r
    order by r.subscription);
  if cardinality(subscriptions) = 0 then
    became := v_rules.unroutable;
    parked_in := v_rules.park_in;
  end if;
end
$$;
