-- Drops carried messages that nobody needs any more: no parked row and no open slice refers to them, at one moment, and so
-- nothing ever will again. Looks at 1,000, from where it last stopped, and goes on while that finds something, up to ten
-- times; from the first one again when it has come to the last. Part of housekeep.
create or replace function howdah.drop_carried() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = on
set enable_mergejoin = off
set jit = off
as $$
declare
  v_at bigint := (select w.last_value from howdah.carried_watermark w);
  v_from bigint;
  v_looked int;
  v_dropped int;
begin
  for piece in 1..10 loop
    v_from := v_at;
    with looked as materialized (
      select c.stream, c.xid, c.seq from howdah.carried c where c.seq > v_from order by c.seq limit 1000
    ), idle as materialized (
      select l.*
      from looked l
      where not exists (
        select from howdah.parked p where p.seg = 8 and p.seq = l.seq and p.src = l.stream and p.xid = l.xid offset 0)
    ), taken as materialized (
      select s.src, u.xid, u.seq
      from howdah.subscription b
        cross join lateral (select h.* from howdah.slice h where h.sub = b.id order by h.no desc limit 1) head
        cross join lateral howdah.open_slices(head) o
        join howdah.slice s on s.seg = o.seg and s.sub = b.id and s.no = o.no
        cross join lateral unnest(s.xids, s.seqs) u (xid, seq)
      where s.high_seg = 8
        and (b.stream in (select i.stream from idle i) or b.return_stream in (select i.stream from idle i))
    ), dropped as (
      delete from howdah.carried c
      using idle i
      where c.seq = i.seq and c.stream = i.stream and c.xid = i.xid
        and (i.stream, i.xid, i.seq) not in (select t.src, t.xid, t.seq from taken t)
      returning c.seq
    )
    select count(*), max(l.seq), (select count(*) from dropped) into v_looked, v_at, v_dropped from looked l;
    v_at := case when v_looked = 1000 then v_at else 0 end;
    exit when v_dropped = 0 and (v_looked > 0 or v_from = 0);
  end loop;
  if v_at <> (select w.last_value from howdah.carried_watermark w) then
    perform setval('howdah.carried_watermark', v_at);
  end if;
end
$$;
