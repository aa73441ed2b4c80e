-- Opens the next segment when the current one holds enough. The more segments are in use the larger and older a segment
-- must get, so a reader that lags makes segments longer instead of using up the ring; and a segment lasts for a sixth of
-- the longest retention, so eight are enough for it. When all are in use publishing goes on in the newest one.
create or replace function howdah.advance_segment() returns table (action text, detail text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_current howdah.segment;
  v_used int;
  v_next smallint;
  v_bytes bigint;
  v_retention interval;
  v_age interval;
  v_size constant bigint := pg_size_bytes(howdah.setting_of('segment_size'));
begin
  select s.* into v_current from howdah.segment s where s.volume = 1 order by s.no desc limit 1;
  v_used := (select count(*) from howdah.segment s where s.volume = 1);
  v_retention := (select max(s.retention) from howdah.stream s);
  v_bytes := (
    select sum(pg_table_size(format('howdah.%I', r || '_' || v_current.seg)::regclass))
    from unnest('{log,tick,slice,closed,part}'::text[]) r);
  v_age := howdah.setting_of('segment_age')::interval * 4 ^ (v_used - 1);
  if v_used > 1 and v_retention is not null then
    v_age := greatest(v_age, v_retention / 6);
  end if;
  if not (v_bytes >= v_size / 64 and howdah.now() >= v_current.opened_at + v_age)
    and not (v_used <= 3 and v_bytes >= v_size * 4 ^ (v_used - 1)) then
    return;
  end if;

  v_next := (v_current.seg + 1) % 8;
  if exists (select from howdah.segment s where s.volume = 1 and s.seg = v_next) then
    return query select 'full',
      'all 8 segments are in use; publishing goes on in the newest one and no space comes back until the oldest is empty';
    return;
  end if;
  insert into howdah.segment (volume, no, seg, opened_at) values (1, v_current.no + 1, v_next, howdah.now());
  return query select 'advanced', format('segment %s opened after %s bytes', v_current.no + 1, v_bytes);
end
$$;
