-- Takes a deduplication key of a stream for a message: whether this is the first use, and the id of the first. A key counts
-- for its window, or, v_held, until its message is settled (see is_unsettled). Waits while another transaction that has used
-- the key is open: when that one rolls back, this is the first. The row is locked before the message is looked at, so of
-- many who come when it is settled one gets the key.
create or replace function howdah.claim_once(
  v_stream int,
  v_key text,
  v_id uuid,
  v_window interval,
  v_held boolean,
  out first uuid,
  out fresh boolean
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_once howdah.once;
begin
  loop
    insert into howdah.once as o (stream, key, id, until, held)
    values (v_stream, v_key, v_id, howdah.now() + v_window, v_held)
    on conflict (stream, key) do update set id = excluded.id, until = excluded.until, held = excluded.held
    where o.until <= howdah.now() and not o.held
    returning o.id into first;
    fresh := found;
    exit when fresh;
    select o.* into v_once from howdah.once o where o.stream = v_stream and o.key = v_key;
    continue when not found; -- housekeep has just removed it
    first := v_once.id;
    if v_once.held and not howdah.is_unsettled(v_stream, v_once.id) then
      update howdah.once o set id = v_id, until = howdah.now() + v_window, held = v_held
      where o.stream = v_stream and o.key = v_key;
      first := v_id;
      fresh := true;
    end if;
    exit;
  end loop;
end
$$;
