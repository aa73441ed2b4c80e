-- A subscription with its partition changed, for with_options: "2 of 8" takes the second of eight parts of the stream, "all"
-- all of it. Holds for everything that is not handed out yet. See partition_of. Raises 22023.
create or replace function howdah.with_partition_options(v_sub howdah.subscription, v_given jsonb)
returns howdah.subscription
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text constant text := v_given ->> 'partition';
  v_parts constant text[] := regexp_match(v_text, '^\s*(\d{1,4})\s+of\s+(\d{1,4})\s*$');
begin
  if not v_given ? 'partition' then
    return v_sub;
  elsif v_text = 'all' then
    v_sub.partition_no := null;
    v_sub.partition_count := null;
  elsif v_parts[1]::int between 1 and v_parts[2]::int then
    v_sub.partition_no := v_parts[1]::int;
    v_sub.partition_count := v_parts[2]::int;
  else
    raise exception using errcode = '22023',
      message = format('partition must be all or n of m but was %s', left((v_given -> 'partition')::text, 80)),
      hint = 'For example "2 of 8": the second of eight parts. m is at most 9999.';
  end if;
  return v_sub;
end
$$;
