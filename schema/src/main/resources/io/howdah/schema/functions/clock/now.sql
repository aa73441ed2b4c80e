-- The time by which everything is due, leased and dated: the database's clock at this moment, never the start of the
-- transaction (a lease taken in an old transaction would be born lapsed).
create or replace function howdah.now() returns timestamptz
language sql volatile
as $$ select clock_timestamp() $$;
