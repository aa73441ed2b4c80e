-- Whether a subscription that was seen in the database of this identity is there no more although it is still the same
-- database, and a working one: then somebody dropped it, or it expired. One that a restore or a standby that lagged has not
-- brought along is not dropped. Changes nothing. Raises what database_identity does.
create or replace function howdah.is_dropped(subscription text, identity text) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(howdah.database_identity() = is_dropped.identity, false)
    and not exists (select from howdah.subscription s where s.name = is_dropped.subscription);
end
$$;
