-- Inserts a stream of some kind, or finds it; HD409 when the name belongs to another kind, or has another value of an option
-- that is given. A retention among the options comes first.
create or replace function howdah.add_stream(v_name text, v_kind text, v_retention interval, v_options json) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_stream howdah.stream;
  v_new howdah.stream;
begin
  perform howdah.check_name(v_kind, v_name);
  v_new.retention := make_interval(secs => extract(epoch from v_retention)::float8);
  v_new := howdah.with_stream_options(v_new, v_options);
  loop
    select s.* into v_stream from howdah.stream s where s.name = v_name;
    exit when found;
    if exists (select from howdah.subscription s where s.name = v_name and s.kind = 'queue') then
      raise exception using errcode = 'HD409', message = format('"%s" exists already, as a bound queue', v_name),
        hint = format('Choose another name for the %s, or drop the queue first.', v_kind);
    end if;
    insert into howdah.stream (name, kind, retention, once_window, max_payload, ttl, headers, unroutable, park_in)
    values (v_name, v_kind, v_new.retention, v_new.once_window, v_new.max_payload, v_new.ttl, v_new.headers, v_new.unroutable,
      v_new.park_in)
    on conflict (name) do nothing;
  end loop;
  if v_stream.kind <> v_kind then
    raise exception using errcode = 'HD409', message = format('"%s" exists already, as a %s', v_name, v_stream.kind),
      hint = format('Choose another name for the %s, or drop the %s first.', v_kind, v_stream.kind);
  end if;
  perform howdah.check_same(v_kind, v_name, v_options, howdah.stream_options_of(v_stream), howdah.stream_options_of(v_new));
  return v_stream.id;
end
$$;
