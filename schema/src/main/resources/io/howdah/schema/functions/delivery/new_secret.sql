-- The secret part of a token. Never 0, which means that nobody owns the slice. It fences mistakes, not attackers.
create or replace function howdah.new_secret() returns bigint
language sql volatile
as $$ select 1 + floor(random() * 9007199254740000)::bigint $$;
