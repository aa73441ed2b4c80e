-- A number that a job keeps in a header; null if it has none, or what is there is no number or one that create_job would not
-- have taken: a message that was published to a scope by hand must not make its listing, claim or settle fail.
create or replace function howdah.job_number(v_headers json, v_name text) returns bigint
language sql immutable
as $$
  select case when v_headers ->> v_name ~ '^\d{1,17}$' then
    case when (v_headers ->> v_name)::bigint between
        case v_name when 'howdah.timeout' then 10 when 'howdah.max-attempts' then 1 else 0 end
        and case v_name when 'howdah.timeout' then 86400000 when 'howdah.max-backoff' then 315619200000
          when 'howdah.max-attempts' then 30000 else 99999999999999999 end
      then (v_headers ->> v_name)::bigint end
  end
$$;
