-- What stands for a key in the tables of keyed delivery: two keys of one hash wait for each other, and that is all that
-- happens to them. A strict subscription has one key. A message without a key is one of its own where there is an order, and
-- waits for nobody; else all of them are 0, which has no limits.
create or replace function howdah.key_hash(v_ordering text, v_key text, v_seq bigint) returns bigint
language sql immutable
as $$
  select case v_ordering
    when 'strict' then 0
    when 'none' then coalesce(hashtextextended(v_key, 0), 0)
    else coalesce(hashtextextended(v_key, 0), v_seq)
  end
$$;
