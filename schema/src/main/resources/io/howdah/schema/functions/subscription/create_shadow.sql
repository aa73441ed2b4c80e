-- Creates a subscription with the options and bindings of another one, which it does not disturb, and returns its id: to
-- read a stream once more beside it. Where it starts: see create_subscription. The bindings hold from there on.
-- Raises HD404 for the original, HD409 if the name is taken, HD416, 22023, 0A000.
create or replace function howdah.create_shadow(
  name text,
  original text,
  start text default null,
  start_time timestamptz default null,
  start_position bigint default null
) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_from howdah.subscription;
  v_id int;
begin
  select s.* into v_from from howdah.subscription s where s.name = create_shadow.original for key share;
  if not found then
    perform howdah.fail_unknown('subscription', create_shadow.original);
  elsif exists (select from howdah.subscription s where s.name = create_shadow.name) then
    raise exception using errcode = 'HD409', message = format('"%s" is already a subscription', create_shadow.name),
      hint = 'Choose another name for the shadow, or drop what has this one.';
  end if;
  v_id := howdah.create_subscription(create_shadow.name, (select t.name from howdah.stream t where t.id = v_from.stream),
    create_shadow.start, howdah.options_of(v_from), create_shadow.start_time, create_shadow.start_position);
  insert into howdah.binding (sub, since, patterns, expression)
  select v_id, 0, b.patterns, b.expression from howdah.binding b where b.sub = v_from.id order by b.since desc limit 1;
  if found then
    update howdah.subscription s set filtered = true where s.id = v_id;
  end if;
  return v_id;
end
$$;
