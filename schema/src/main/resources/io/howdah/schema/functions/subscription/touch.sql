-- Notes that a subscription that expires is used: a row that is written once in an eighth of its time, and left to others
-- who are writing it. is_inactive knows how coarse that is.
create or replace function howdah.touch(v_sub howdah.subscription) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := howdah.now();
begin
  if v_sub.expires_after is null
    or exists (select from howdah.activity a where a.sub = v_sub.id and a.at between v_now - v_sub.expires_after / 8 and v_now)
  then
    return;
  end if;
  perform from howdah.activity a where a.sub = v_sub.id for update skip locked;
  if found then
    update howdah.activity a set at = v_now where a.sub = v_sub.id;
  end if;
end
$$;
