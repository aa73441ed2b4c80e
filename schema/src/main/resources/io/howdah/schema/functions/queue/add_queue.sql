-- Creates a queue with options and, where these say nothing, defaults, or finds it; returns its subscription's id. One that
-- is there has to have the options, whatever the defaults are: see check_same. Part of create_queue and create_job_scope.
create or replace function howdah.add_queue(v_name text, v_options json, v_defaults jsonb) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_own constant json := howdah.own_options(v_options, false);
  v_of_stream constant json := howdah.own_options(v_options, true);
  v_new constant howdah.subscription := howdah.with_options(null, v_own);
  v_new_stream constant howdah.stream := howdah.with_stream_options(null, v_of_stream);
  v_sub howdah.subscription;
  v_stream howdah.stream;
begin
  for v_pass in 1..2 loop
    select s.* into v_sub from howdah.subscription s where s.name = v_name and s.kind = 'queue';
    exit when found;
    if v_pass = 1 then
      perform howdah.add_stream(v_name, 'queue', '0', v_of_stream); -- waits for another one who creates it
    end if;
  end loop;
  if v_sub.id is null then
    v_sub.id := howdah.create_subscription(v_name, v_name, 'beginning', (v_defaults || coalesce(v_own, '{}')::jsonb)::json);
    update howdah.subscription s set kind = 'queue' where s.id = v_sub.id and s.kind <> 'queue';
    return v_sub.id;
  end if;

  select s.* into v_stream from howdah.stream s where s.id = v_sub.stream;
  perform howdah.check_same('queue', v_name, v_own, howdah.options_of(v_sub), howdah.options_of(v_new));
  if v_stream.name = v_name then
    perform howdah.check_same('queue', v_name, v_of_stream, howdah.stream_options_of(v_stream),
      howdah.stream_options_of(v_new_stream));
  elsif v_of_stream::text <> '{}' then
    raise exception using errcode = 'HD409',
      message = format('queue "%s" exists already, bound to stream "%s", which has such options', v_name, v_stream.name),
      hint = 'Leave them out, or use howdah.alter_stream; they hold for all of the stream.';
  end if;
  return v_sub.id;
end
$$;
