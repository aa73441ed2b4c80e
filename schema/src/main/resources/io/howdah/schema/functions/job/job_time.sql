-- The time by which a job stands in its queue: its header howdah.at (microseconds since 1970), else when it was created.
create or replace function howdah.job_time(v_headers json, v_published_at timestamptz) returns timestamptz
language sql immutable
as $$
  select coalesce('1970-01-01 00:00:00+00'::timestamptz
    + make_interval(secs => howdah.job_number(v_headers, 'howdah.at') / 1e6), v_published_at)
$$;
