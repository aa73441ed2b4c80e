-- The settings of the whole fleet: the one place that knows which there are, what they are when nobody sets them, and
-- what they may be. Sizes and times are as configure keeps them.
create or replace function howdah.known_settings()
  returns table (name text, kind text, standard text, smallest text, largest text, meaning text)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  values
    ('max_payload', 'size', '1024 kB', '1 kB', '256 MB', 'largest payload of queues and streams that are created from now on'),
    ('once_window', 'time', '00:05:00', '1 ms', '30 days',
      'how long deduplication keys count in queues and streams that are created from now on'),
    ('segment_age', 'time', '00:00:10', '1 s', '7 days',
      'a segment that is older, and no longer small, is followed by the next one; four times as old with each that is in use'),
    ('segment_size', 'size', '64 MB', '1 MB', '1 TB',
      'a segment that is larger is followed by the next one; four times as large with each that is in use'),
    ('stream_retention', 'time', '7 days', '0', '10 years',
      'how long streams that are created from now on keep messages that all have read')
$$;
