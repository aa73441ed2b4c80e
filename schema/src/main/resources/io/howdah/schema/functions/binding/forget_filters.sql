-- Subscriptions whose filters are over become plain again: rows of `purged` that the cursor has left behind go, and so does
-- the mark that there is something to sift, where nothing is bound. Those that are being claimed now are left alone.
create or replace function howdah.forget_filters() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
  v_head howdah.slice;
begin
  for v_sub in
    select s.* from howdah.subscription s
    where s.filtered and (exists (select from howdah.purged u where u.sub = s.id) or howdah.current_bindings(s.id) is null)
  loop
    select s.* into v_sub from howdah.subscription s where s.id = v_sub.id for no key update skip locked;
    continue when not found;
    v_head := howdah.newest_slice(v_sub.id);
    delete from howdah.purged u
    where u.sub = v_sub.id and u.upto <= case u.src when v_sub.stream then v_head.source_at else v_head.return_at end;
    continue when v_sub.partition_count is not null or exists (select from howdah.purged u where u.sub = v_sub.id)
      or exists (
        select from howdah.binding b where b.sub = v_sub.id and (b.patterns is not null or b.since > v_head.source_at + 1)
          and not exists (
            select from howdah.binding n where n.sub = b.sub and n.since > b.since and n.since <= v_head.source_at + 1));
    delete from howdah.binding b where b.sub = v_sub.id;
    update howdah.subscription s set filtered = false where s.id = v_sub.id;
  end loop;
end
$$;
