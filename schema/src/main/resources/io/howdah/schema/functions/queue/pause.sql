-- Pauses a queue or subscription for the whole fleet: claims return nothing until it is resumed; false if it is paused.
-- What was handed out stays with its consumer, who may renew and settle. Waits for a claim that is under way, so
-- nothing is handed out after this has committed. Raises HD404, 0A000.
create or replace function howdah.pause(subscription text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub constant howdah.subscription := howdah.lock_subscription(pause.subscription, 'pause');
begin
  update howdah.subscription s set paused = true where s.id = v_sub.id and not s.paused;
  return found;
end
$$;
