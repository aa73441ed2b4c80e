-- Whether a message belongs to the part of its stream that a subscription takes. Inlined into its callers.
create or replace function howdah.in_partition(v_sub howdah.subscription, v_key text, v_id uuid) returns boolean
language sql immutable
as $$
  select (v_sub).partition_count is null or howdah.partition_of(v_key, v_id, (v_sub).partition_count) = (v_sub).partition_no
$$;
