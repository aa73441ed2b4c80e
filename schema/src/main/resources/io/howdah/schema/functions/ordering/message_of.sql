-- The message of this identity: in the children v_low to v_high of the log, or among the carried where v_high is 8. One that
-- was carried may still be in the log, too; both are the same. Inlined into its callers, which pin the plan.
create or replace function howdah.message_of(v_src int, v_xid bigint, v_seq bigint, v_low smallint, v_high smallint)
returns setof howdah.log
language sql stable
as $$
  select c.*
  from howdah.carried c
  where v_high = 8 and c.seq = v_seq and c.stream = v_src and c.xid = v_xid
  union all
  select l.*
  from howdah.log l
  where l.seg between v_low and v_high and l.stream = v_src and l.xid = v_xid and l.seq = v_seq
  limit 1
$$;
