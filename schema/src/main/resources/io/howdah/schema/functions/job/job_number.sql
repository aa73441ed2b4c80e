-- A number that a job keeps in a header; null if it has none, or what is there is no number: a message that was published
-- to a scope by hand must not make its claim or settle fail.
create or replace function howdah.job_number(v_headers json, v_name text) returns bigint
language sql immutable
as $$ select case when v_headers ->> v_name ~ '^\d{1,17}$' then (v_headers ->> v_name)::bigint end $$;
