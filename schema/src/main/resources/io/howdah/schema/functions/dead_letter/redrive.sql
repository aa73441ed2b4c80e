-- Sends up to `quantity` dead letters that a filter means back to their subscription, oldest first, with no attempt used up;
-- or to another queue, stream or subscription, `target`. Returns how many; call again until it is 0. With a `rate` the first
-- is ready at once, and the others fall due so many a second.
--
-- A letter is deleted and published again in one transaction, so it is never lost and never sent twice: who comes second
-- finds it gone, or locked, and leaves it. The message keeps its id and its time of publishing.
-- Raises HD404 for an unknown subscription or target, 22023.
create or replace function howdah.redrive(
  subscription text,
  filter json default null,
  quantity int default 1000,
  target text default null,
  rate float8 default null
) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_xid constant bigint := pg_current_xact_id()::text::bigint;
  v_now constant timestamptz := howdah.now();
  v_seg constant smallint := howdah.current_segment();
  v_blocks bigint[];
  v_sub howdah.subscription;
  v_stream int;
  v_nos bigint[];
  v_count bigint;
begin
  perform howdah.check_page(redrive.quantity);
  if redrive.rate is not null and redrive.rate not between 0.001 and 1000000 then
    raise exception using errcode = '22023', message = format('rate must be between 0.001 and 1000000 but was %s',
      redrive.rate),
      hint = 'It is a number of messages for each second; leave it out for all at once.';
  end if;
  select s.* into v_sub from howdah.subscription s where s.name = redrive.subscription for key share;
  if not found then
    perform howdah.fail_unknown('subscription', redrive.subscription);
  end if;
  v_stream := v_sub.return_stream;
  if redrive.target is not null then
    select s.id into v_stream from howdah.stream s where s.name = redrive.target and s.kind <> 'return' for key share;
    if not found then
      select s.id into v_stream
      from howdah.stream s
      where s.name = howdah.direct_stream(redrive.target)
      for key share;
    end if;
  end if;
  v_nos := array(select * from howdah.find_letters('dead', v_sub.id, redrive.filter, 0, redrive.quantity));
  v_blocks := array(select nextval('howdah.block') << 13 from generate_series(0, redrive.quantity / 8192));

  with picked as (
    select p.no
    from howdah.dead_letter p
    where p.sub = v_sub.id and p.no = any (v_nos)
    for update skip locked
  ), letter as (
    delete from howdah.dead_letter d using picked p where d.sub = v_sub.id and d.no = p.no returning d.*
  ), numbered as materialized (
    select l.*, row_number() over (order by l.no) - 1 as o from letter l
  ), scheduled as (
    insert into howdah.due (due, stream, sub, attempt, published_at, id, topic, key, headers, payload, body, content_type)
    select v_now + make_interval(secs => n.o / redrive.rate), v_stream, case when redrive.target is null then v_sub.id end, 0,
      n.published_at, n.id, n.topic, n.key, n.headers, n.payload, n.body, n.content_type
    from numbered n
    where redrive.rate is not null and n.o > 0
    order by n.o
  ), sent as (
    insert into howdah.log (seg, attempt, stream, xid, seq, published_at, id, topic, key, headers, payload, body, content_type)
    select v_seg, 0, v_stream, v_xid, v_blocks[1 + n.o / 8192] + n.o % 8192, n.published_at, n.id, n.topic, n.key,
      n.headers, n.payload, n.body, n.content_type
    from numbered n
    where redrive.rate is null or n.o = 0
  )
  select count(*) into v_count from numbered;
  return v_count;
end
$$;
