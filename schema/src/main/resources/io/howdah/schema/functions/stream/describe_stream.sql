-- What a stream is, or all of them, also those of queues: its options with their values, how many messages it has ever given
-- a position or has committed since, how many of its messages nobody took and were hence dropped or parked, and when it was
-- made. Changes nothing. Raises HD404.
create or replace function howdah.describe_stream(name text default null)
returns table (stream text, kind text, options json, published bigint, unroutable bigint, created_at timestamptz)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if describe_stream.name is not null
    and not exists (select from howdah.stream s where s.name = describe_stream.name and s.kind <> 'return') then
    perform howdah.fail_unknown('stream', describe_stream.name);
  end if;
  return query
  select s.name, s.kind, howdah.stream_options_of(s),
    howdah.last_position(s.id) + (howdah.unsequenced(s.id, 2147483647)).n,
    (select coalesce(sum(y.n), 0)::bigint from howdah.tally y where y.stream = s.id and y.what = 'unroutable'), s.created_at
  from howdah.stream s
  where s.kind <> 'return' and (describe_stream.name is null or s.name = describe_stream.name)
  order by s.name;
end
$$;
