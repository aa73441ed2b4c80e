-- Which of v_count parts a message belongs to, from 1 on: by its key, else by its id. The hash is taken without its sign, so
-- each message is in exactly one. Inlined into its callers.
create or replace function howdah.partition_of(v_key text, v_id uuid, v_count int) returns int
language sql immutable
as $$
  select ((hashtextextended(coalesce(v_key, v_id::text) collate "C", 0) & 9223372036854775807) % v_count)::int + 1
$$;
