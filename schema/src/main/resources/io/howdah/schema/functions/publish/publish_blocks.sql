-- Publishes more messages than a block has numbers: part after part, in the order of the input, so later parts have
-- larger numbers. All of them have been checked.
create or replace function howdah.publish_blocks(
  v_stream text,
  v_payloads text[],
  v_topics text[],
  v_keys text[],
  v_headers text[],
  v_delays interval[],
  v_ttls interval[],
  v_bodies bytea[],
  v_types text[]
) returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid[] := '{}';
  v_from int := 1;
begin
  while v_from <= cardinality(v_payloads) loop
    v_ids := v_ids || howdah.publish_many(v_stream, v_payloads[v_from:v_from + 8191], v_topics[v_from:v_from + 8191],
      v_keys[v_from:v_from + 8191], v_headers[v_from:v_from + 8191], v_delays[v_from:v_from + 8191],
      ttls => v_ttls[v_from:v_from + 8191], bodies => v_bodies[v_from:v_from + 8191],
      content_types => v_types[v_from:v_from + 8191]);
    v_from := v_from + 8192;
  end loop;
  return v_ids;
end
$$;
