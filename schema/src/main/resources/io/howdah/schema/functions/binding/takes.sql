-- Whether a subscription takes a message of its stream, by its bindings at a position (by default the one that is given next)
-- and by its partition. The one place that says so for a single message; sift says it for many.
create or replace function howdah.takes(
  v_sub howdah.subscription,
  v_topic text,
  v_key text,
  v_id uuid,
  v_position bigint default 9223372036854775807
) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return howdah.in_partition(v_sub, v_key, v_id) and howdah.takes_topic(v_sub.id, v_topic, v_position);
end
$$;
