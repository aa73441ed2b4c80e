-- Closes all open slices of a subscription that is put elsewhere, so that their tokens are void. Of each, the messages
-- that are, or are retries of, positions from v_from on are dropped; the others go on in a new slice that nobody owns,
-- with the attempts that they had. Returns how many of those that were dropped lie at v_to or before and so do not come again.
-- The slice's row is locked first, and looked at in a new statement: a settle under way goes first. The caller holds the
-- cutting lock; v_head is the newest slice. Raises 55P03 if a settle takes longer than 5 s.
create or replace function howdah.drop_open(v_sub howdah.subscription, v_head howdah.slice, v_from bigint, v_to bigint)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
set lock_timeout = '5s'
as $$
declare
  v_no bigint;
  v_slice howdah.slice;
  v_left int;
  v_gone bigint[];
  v_lost int;
  v_count bigint := 0;
begin
  for v_no in select o.no from howdah.open_slices(v_head) o loop
    perform from howdah.slice s where s.sub = v_sub.id and s.no = v_no for update;
    v_slice := howdah.open_slice(v_sub.id, v_no);
    continue when v_slice.no is null;
    select count(*) filter (where m.place is null or m.place < v_from),
      coalesce(array_agg(m.position) filter (where m.place >= v_from), '{}'),
      count(*) filter (where m.place between v_from and v_to)
    into v_left, v_gone, v_lost
    from (
      select m.position, case when v_slice.src = v_sub.stream then m.position else m.origin end as place
      from howdah.slice_messages(v_slice) m
      where m.position in (select unnest(howdah.open_positions(v_slice)))
    ) m;
    v_count := v_count + v_lost;
    delete from howdah.blocked b where b.sub = v_sub.id and b.src = v_slice.src and b.position = any (v_gone);
    if v_left = 0 then
      perform howdah.close_slice(v_slice, 'seek');
      continue;
    elsif cardinality(v_gone) > 0 then
      insert into howdah.part (seg, sub, no, positions) values (v_slice.seg, v_sub.id, v_slice.no, v_gone);
    end if;
    v_slice.token := 0;
    v_slice.owner := null;
    v_head := case when v_slice.xids is null then howdah.split(v_slice, v_head, v_left)
      else howdah.split_ordered(v_slice, v_head, v_left) end;
  end loop;
  return v_count;
exception
  when lock_not_available or deadlock_detected then
    raise exception using errcode = '55P03', 
      message = format('messages of "%s" are being settled by another session', v_sub.name),
      hint = 'Try again; look for a transaction that has settled and stays open, or is prepared.';
end
$$;
