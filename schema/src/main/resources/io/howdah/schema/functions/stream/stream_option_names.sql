-- The options of a stream; what else a queue is given belongs to its subscription.
create or replace function howdah.stream_option_names() returns text[]
language sql immutable
as $$ select '{retention, once_window, max_payload, ttl, headers, unroutable, park_in}'::text[] $$;
