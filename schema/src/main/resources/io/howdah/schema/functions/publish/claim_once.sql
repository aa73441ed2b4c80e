-- Takes a deduplication key of a stream for a message: whether this is the first use within the window, and the id of the
-- first. Waits while another transaction that has used the key is open: when that one rolls back, this is the first.
create or replace function howdah.claim_once(
  v_stream int,
  v_key text,
  v_id uuid,
  v_window interval,
  out first uuid,
  out fresh boolean
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  loop
    insert into howdah.once as o (stream, key, id, until)
    values (v_stream, v_key, v_id, howdah.now() + v_window)
    on conflict (stream, key) do update set id = excluded.id, until = excluded.until where o.until <= howdah.now()
    returning o.id into first;
    fresh := found;
    exit when fresh;
    select o.id into first from howdah.once o where o.stream = v_stream and o.key = v_key;
    exit when found; -- else housekeep has just removed it
  end loop;
end
$$;
