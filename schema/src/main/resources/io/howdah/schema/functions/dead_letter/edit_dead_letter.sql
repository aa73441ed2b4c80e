-- Replaces the payload of a dead letter, also if that is of bytes, and its headers if any are given, before it is redriven;
-- false if there is none of this id. Raises HD404; 22023, 22004, 22P02 and 22P05 for what could not have been published either.
create or replace function howdah.edit_dead_letter(
  subscription text,
  id uuid,
  payload json,
  headers json default null
) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_max_payload int;
begin
  select t.max_payload into v_max_payload
  from howdah.subscription s join howdah.stream t on t.id = s.stream
  where s.name = edit_dead_letter.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', edit_dead_letter.subscription);
  end if;
  perform howdah.check_messages(v_max_payload, array[edit_dead_letter.payload::text], null, null,
    case when edit_dead_letter.headers is not null then array[edit_dead_letter.headers::text] end, null);
  update howdah.dead_letter d
  set payload = edit_dead_letter.payload, body = null, content_type = null,
    headers = coalesce(edit_dead_letter.headers, d.headers)
  where d.sub = howdah.subscription_id(edit_dead_letter.subscription) and d.id = edit_dead_letter.id;
  return found;
end
$$;
