-- Archived messages of a subscription, or of all: oldest first, page by page (give the last `no` as `after`). filter: see
-- find_letters; since and until are about the time of archiving. Changes nothing. Raises HD404, 22023.
create or replace function howdah.archived(
  subscription text default null,
  filter json default null,
  after bigint default 0,
  quantity int default 100
) returns table (
  no bigint,
  subscription_name text,
  id uuid,
  attempts int,
  archived_at timestamptz,
  published_at timestamptz,
  topic text,
  key text,
  headers json,
  payload json,
  body bytea,
  content_type text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub constant int := howdah.subscription_id(archived.subscription);
begin
  perform howdah.check_page(archived.quantity);
  return query
  select a.no, s.name, a.id, a.attempts, a.archived_at, a.published_at, a.topic, a.key, a.headers, a.payload,
    a.body, a.content_type
  from howdah.find_letters('archived', v_sub, archived.filter, coalesce(archived.after, 0), archived.quantity) f
    join howdah.archive a on a.no = f
    join howdah.subscription s on s.id = a.sub
  order by a.no;
end
$$;
