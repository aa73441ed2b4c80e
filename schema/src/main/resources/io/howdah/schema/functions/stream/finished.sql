-- The transactions that have ended at a snapshot, as a set: all below its xmax, without those it lists as running and
-- without the caller's own. A snapshot never lists its own transaction; forgetting that would put messages that this
-- transaction publishes later into a window that is over, and nobody would ever see them.
create or replace function howdah.finished(v_at pg_snapshot) returns int8multirange
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_own constant bigint := pg_current_xact_id_if_assigned()::text::bigint;
  v_running constant int8multirange :=
    (select range_agg(int8range(x::text::bigint, x::text::bigint, '[]')) from pg_snapshot_xip(v_at) x);
begin
  return int8multirange(int8range(0, pg_snapshot_xmax(v_at)::text::bigint))
    - coalesce(v_running, '{}')
    - case when v_own is null then '{}' else int8multirange(int8range(v_own, v_own, '[]')) end;
end
$$;
