-- Gives the next positions of a stream to the messages of all transactions that have ended since the last tick, and
-- returns the last position.
--
-- A window is a set of transactions: finished(now) minus what the newest tick has seen. It is taken in a statement
-- after the stream's lock, so ticks form one chain and every message is in exactly one window; a transaction that is
-- still running is a hole in the set and comes with a later window, however old its numbers are. Inside of a window
-- the order is that of seq. A tick is a small row that describes its messages: transactions, bounds of seq, count.
-- Positions must be durable before anybody sees them, hence synchronous_commit.
-- Writes nothing for an empty window. Raises 0A000 outside of READ COMMITTED, HD404; returns null, with a notice
-- HD503, when another process has been sequencing this stream for more than a second.
create or replace function howdah.sequence(stream text) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_stream int;
  v_tick howdah.tick;
begin
  perform howdah.require_read_committed('sequence');
  select s.id into v_stream from howdah.stream s where s.name = sequence.stream;
  if not found then
    perform howdah.fail_unknown('stream', sequence.stream);
  end if;
  v_tick := howdah.sequence_stream(v_stream);
  return v_tick.first + v_tick.n - 1;
end
$$;
