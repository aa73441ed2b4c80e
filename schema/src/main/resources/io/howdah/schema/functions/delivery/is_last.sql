-- Whether a message that has failed so often has no attempt left. Never, where max_attempts is null.
create or replace function howdah.is_last(v_sub howdah.subscription, v_failures int) returns boolean
language sql immutable
as $$ select coalesce(v_failures >= v_sub.max_attempts, false) $$;
