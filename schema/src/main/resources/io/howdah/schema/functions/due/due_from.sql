-- Where promote has to begin to look: usually a minute before the watermark, every ten seconds at the beginning.
create or replace function howdah.due_from(v_now timestamptz) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_watermark constant timestamptz := (select to_timestamp(w.last_value / 1000000.0) from howdah.due_watermark w);
  v_full_pass constant timestamptz := (select to_timestamp(f.last_value / 1000000.0) from howdah.due_full_pass f);
begin
  if v_now between v_full_pass and v_full_pass + interval '10 s' then
    return v_watermark - interval '60 s';
  end if;
  return '-infinity';
end
$$;
