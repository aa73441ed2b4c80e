-- Whether a strict subscription can hand out nothing because its one key is in flight or waits for a retry.
create or replace function howdah.is_held_up(v_sub howdah.subscription, v_busy bigint[], v_now timestamptz) returns boolean
language sql stable
as $$
  select cardinality(v_busy) > 0 or exists (select from howdah.blocked b where b.sub = v_sub.id and b.due > v_now)
$$;
