-- Publishes up to `quantity` archived messages that a filter means again, oldest first, after a number, as new messages with
-- new ids: to their queue, or to their subscription and no other of its stream, or to `target`. They stay in the archive.
-- One row for each: its number and the new id; for more give the last number as `after`. In the caller's transaction. Raises
-- HD404, 22023.
create or replace function howdah.republish_archived(
  subscription text,
  filter json default null,
  after bigint default 0,
  quantity int default 1000,
  target text default null
) returns table (no bigint, id uuid)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub constant int := howdah.subscription_id(republish_archived.subscription);
  v_nos bigint[];
  v_from record;
begin
  perform howdah.check_page(republish_archived.quantity);
  if v_sub is null then
    perform howdah.fail_unknown('subscription', null);
  end if;
  if republish_archived.target is not null then
    perform howdah.stream_id(republish_archived.target);
  end if;
  v_nos := array(
    select * from howdah.find_letters('archived', v_sub, republish_archived.filter, coalesce(republish_archived.after, 0),
      republish_archived.quantity));
  select array_agg(a.no order by a.no) as nos, array_agg(a.payload::text order by a.no) as payloads,
    array_agg(a.topic order by a.no) as topics, array_agg(a.key order by a.no) as keys,
    array_agg(a.headers::text order by a.no) as headers,
    case when bool_or(a.body is not null) then array_agg(a.body order by a.no) end as bodies,
    case when bool_or(a.body is not null) then array_agg(a.content_type order by a.no) end as types
  into v_from
  from howdah.archive a
  where a.sub = v_sub and a.no = any (v_nos);
  if v_from.nos is not null then
    return query
    select * from unnest(v_from.nos,
      howdah.publish_many(coalesce(republish_archived.target, republish_archived.subscription), v_from.payloads,
        v_from.topics, v_from.keys, v_from.headers, bodies => v_from.bodies, content_types => v_from.types));
  end if;
end
$$;
