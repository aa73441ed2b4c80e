-- Dead letters of a subscription, or of all: oldest first, page by page (give the last `no` as `after`). filter: see
-- find_letters. Changes nothing. Raises HD404, 22023.
create or replace function howdah.dead_letters(
  subscription text default null,
  filter json default null,
  after bigint default 0,
  quantity int default 100
) returns table (
  no bigint,
  subscription_name text,
  id uuid,
  attempts int,
  reason text,
  error text,
  first_failed_at timestamptz,
  failed_at timestamptz,
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
  v_sub constant int := howdah.subscription_id(dead_letters.subscription);
begin
  perform howdah.check_page(dead_letters.quantity);
  return query
  select d.no, s.name, d.id, d.attempts, d.reason, d.error, d.first_failed_at, d.failed_at, d.published_at, d.topic,
    d.key, d.headers, d.payload,
    d.body, d.content_type
  from howdah.find_letters('dead', v_sub, dead_letters.filter, coalesce(dead_letters.after, 0), dead_letters.quantity) f
    join howdah.dead_letter d on d.no = f
    join howdah.subscription s on s.id = d.sub
  order by d.no;
end
$$;
