-- What stands for a key in the tables of ordered delivery: two keys of one hash wait for each other, and that is all that
-- happens to them. A strict subscription has one key; a message without a key is one of its own, and waits for nobody.
create or replace function howdah.key_hash(v_ordering text, v_key text, v_seq bigint) returns bigint
language sql immutable
as $$ select case v_ordering when 'strict' then 0 else coalesce(hashtextextended(v_key, 0), v_seq) end $$;
