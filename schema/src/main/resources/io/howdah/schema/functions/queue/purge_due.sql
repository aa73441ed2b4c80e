-- Purges what is scheduled for a subscription: its retries and delayed direct messages, and the delayed messages of its
-- stream if that is a queue's own and nobody else reads it. Returns how many; v_dry only counts.
create or replace function howdah.purge_due(
  v_sub howdah.subscription,
  v_expression text,
  v_key text,
  v_dry boolean
) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_streams int[] := array[v_sub.return_stream];
  v_count bigint;
begin
  if exists (select from howdah.stream s where s.id = v_sub.stream and s.kind = 'queue')
    and not exists (select from howdah.subscription s where s.stream = v_sub.stream and s.id <> v_sub.id)
  then
    v_streams := v_streams || v_sub.stream;
  end if;
  if v_dry then
    return (
      select count(*) from howdah.due d
      where d.stream = any (v_streams)
        and (v_expression is null or coalesce('.' || d.topic, '') collate "C" ~ v_expression)
        and (v_key is null or d.key = v_key));
  end if;
  delete from howdah.due d
  where d.stream = any (v_streams)
    and (v_expression is null or coalesce('.' || d.topic, '') collate "C" ~ v_expression)
    and (v_key is null or d.key = v_key);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
