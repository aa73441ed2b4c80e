-- Sets one of the settings of the fleet, or with null makes it what it was at first; it holds from the commit on, for all,
-- without a restart. Returns the value as it is kept. Raises 22023 for an unknown name, or a value that cannot be.
create or replace function howdah.configure(name text, value text) returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set intervalstyle = 'postgres'
as $$
#variable_conflict use_column
declare
  v_known record;
  v_bytes bigint;
  v_time interval;
  v_kept text;
begin
  perform howdah.setting_of(configure.name);
  if configure.value is null then
    delete from howdah.setting s where s.name = configure.name;
    return howdah.setting_of(configure.name);
  end if;
  select k.* into v_known from howdah.known_settings() k where k.name = configure.name;
  begin
    if v_known.kind = 'size' then
      v_bytes := pg_size_bytes(configure.value);
      if v_bytes between pg_size_bytes(v_known.smallest) and pg_size_bytes(v_known.largest) then
        v_kept := pg_size_pretty(v_bytes);
        v_kept := case when pg_size_bytes(v_kept) = v_bytes then v_kept else v_bytes || ' bytes' end;
      end if;
    else
      v_time := configure.value::interval;
      v_kept := case when v_time between v_known.smallest::interval and v_known.largest::interval then v_time::text end;
    end if;
  exception
    when data_exception or numeric_value_out_of_range then
      v_kept := null;
  end;
  if v_kept is null then
    raise exception using errcode = '22023',
      message = format('%s must be a %s from %s to %s but was %s', configure.name, v_known.kind, v_known.smallest,
        v_known.largest,
        regexp_replace(left(configure.value, 80), '[[:cntrl:]]', '?', 'g')),
      hint = case v_known.kind when 'size' then 'For example 64 MB.' else 'For example 90 s or 12 hours.' end;
  end if;
  insert into howdah.setting as s (name, value) values (configure.name, v_kept)
  on conflict (name) do update set value = excluded.value;
  return v_kept;
end
$$;
