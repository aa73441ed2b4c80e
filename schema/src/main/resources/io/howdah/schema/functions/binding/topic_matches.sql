-- Whether a topic matches a pattern: * is exactly one word, # any number of words, none included; case counts. A message
-- without a topic (null) has no words. Raises 22023 for what is no pattern.
create or replace function howdah.topic_matches(pattern text, topic text) returns boolean
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  perform howdah.check_pattern(topic_matches.pattern);
  return coalesce('.' || topic_matches.topic, '') collate "C"
    ~ howdah.pattern_expression(array[topic_matches.pattern]);
end
$$;
