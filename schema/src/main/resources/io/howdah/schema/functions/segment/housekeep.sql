-- Keeps the house: positions for streams that nobody reads, a new segment when the current one is large or old, and the
-- oldest one emptied when nobody needs it. To be called every few seconds by one or more processes, as a transaction of
-- its own; who comes second does nothing. Returns what was done, and what stands in the way. Raises 0A000.
create or replace function howdah.housekeep() returns table (action text, detail text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream howdah.stream;
  v_oldest howdah.segment;
  v_rotating boolean;
begin
  perform howdah.require_read_committed('housekeep');
  perform howdah.current_epoch();
  select s.* into v_oldest from howdah.segment s where s.volume = 1 order by s.no limit 1;
  v_rotating := v_oldest.no < (select max(s.no) from howdah.segment s where s.volume = 1);
  for v_stream in
    select s.* from howdah.stream s
    where (howdah.unsequenced(s.id, 1001)).n > 1000 or (v_rotating and howdah.unsequenced_in(s.id, v_oldest.seg))
  loop
    perform from howdah.stream s where s.id = v_stream.id for no key update skip locked;
    if found then
      return query
      select 'sequenced', format('%s up to %s', v_stream.name, t.first + t.n - 1)
      from howdah.sequence_stream(v_stream.id) t;
    end if;
  end loop;
  delete from howdah.sleeper s
  using (select l.sub, l.process from howdah.sleeper l where l.until < howdah.now() for update skip locked) gone
  where s.sub = gone.sub and s.process = gone.process;

  perform howdah.forget_once(howdah.now());
  perform howdah.forget_handed(howdah.now());

  perform from howdah.duty d where d.name = 'rotate' for no key update skip locked;
  if not found then
    return;
  end if;
  perform howdah.fold_tallies();
  perform howdah.expire_archive();
  perform howdah.forget_filters();
  perform howdah.drop_carried();
  return query select * from howdah.expire_subscriptions();
  return query select 'warning', w from howdah.archive_warning() w where w is not null;
  return query select * from howdah.advance_segment();
  if found then
    perform howdah.sequence_stream(i.stream)
    from (select s.seg from howdah.segment s where s.volume = 1 order by s.no desc offset 1 limit 1) previous
      cross join lateral howdah.streams_in(previous.seg) i (stream)
      join howdah.stream s on s.id = i.stream
    where (howdah.unsequenced(i.stream, 1)).n > 0;
  end if;
  select s.* into v_oldest from howdah.segment s where s.volume = 1 order by s.no limit 1;
  if v_oldest.no < (select max(s.no) from howdah.segment s where s.volume = 1) then
    perform howdah.pass_over(v_oldest.seg);
    return query select * from howdah.empty_segment(v_oldest);
  end if;
end
$$;
