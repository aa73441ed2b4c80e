-- Hands the messages of a claim that are not settled back for anybody to take, without counting an attempt; false when
-- the token is void.
create or replace function howdah.release(token text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
  return howdah.settle(release.token, rest => 'release') = 'settled';
end
$$;
