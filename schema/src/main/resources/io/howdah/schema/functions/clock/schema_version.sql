-- The version of the contract that these functions keep; a client asks for it before anything else.
create or replace function howdah.schema_version() returns int
language sql immutable
as $$ select 1 $$;
