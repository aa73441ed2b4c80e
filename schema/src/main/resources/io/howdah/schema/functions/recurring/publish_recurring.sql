-- Publishes one message for each of these times; headers `recurring` and `due` tell which and when, unless the message
-- has headers of these names itself.
create or replace function howdah.publish_recurring(v_recurring howdah.recurring, v_times timestamptz[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count constant int := cardinality(v_times);
begin
  if v_count > 0 then
    perform howdah.publish_many(
      coalesce((select b.name from howdah.subscription b where b.return_stream = v_recurring.stream),
        (select s.name from howdah.stream s where s.id = v_recurring.stream)),
      array_fill(v_recurring.payload::text, array[v_count]),
      array_fill(v_recurring.topic, array[v_count]),
      array_fill(v_recurring.key, array[v_count]),
      array(
        select (jsonb_build_object('recurring', v_recurring.name,
          'due', to_char(t.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) || coalesce(v_recurring.headers,
            '{}')::jsonb)::text
        from unnest(v_times) with ordinality t (at, o)
        order by t.o));
  end if;
end
$$;
