-- Where a scheduled message waits for: the stream itself, or the return stream of a subscription of it. Raises HD404.
create or replace function howdah.waiting_in(v_stream text, v_subscription text) returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id int := howdah.stream_id(v_stream);
begin
  if v_subscription is not null then
    select s.return_stream into v_id from howdah.subscription s where s.name = v_subscription and s.stream = v_id;
    if not found then
      perform howdah.fail_unknown('subscription', v_subscription);
    end if;
  end if;
  return v_id;
end
$$;
