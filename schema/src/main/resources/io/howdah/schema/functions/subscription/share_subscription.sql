-- A subscription of a stream for all who ask for the same one: with these bindings (null: everything) and options. Returns
-- its name. It is compared in full; who comes second gets the first one's, which then expires no sooner than he asks for,
-- never if he does not ask. A new one starts now. Its row in duty makes those who ask come one after the other.
-- Raises HD404 for the stream, 22023, 0A000.
create or replace function howdah.share_subscription(
  stream text,
  patterns text[] default null,
  options json default null
) returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_new constant howdah.subscription := howdah.with_options(null, share_subscription.options);
  v_set constant text[] := case when share_subscription.patterns is not null
    then array(select distinct p from unnest(share_subscription.patterns) p order by p) end;
  v_name text;
begin
  perform howdah.require_read_committed('share_subscription');
  perform from howdah.duty d where d.name = 'share' for no key update;
  select s.name into v_name
  from howdah.subscription s
    join howdah.stream t on t.id = s.stream
  where t.name = share_subscription.stream and s.shared
    and howdah.options_of(s)::jsonb - 'expires_after' = howdah.options_of(v_new)::jsonb - 'expires_after'
    and howdah.current_bindings(s.id) is not distinct from v_set
  order by s.id
  limit 1;
  if found then
    perform howdah.create_subscription(v_name, share_subscription.stream, options => share_subscription.options);
    return v_name;
  end if;
  v_name := left('shared/' || share_subscription.stream, 230) || '/' || substr(replace(gen_random_uuid()::text, '-', ''), 1,
    12);
  perform howdah.create_subscription(v_name, share_subscription.stream, options => share_subscription.options);
  update howdah.subscription s set shared = true where s.name = v_name;
  if v_set is not null then
    perform howdah.set_bindings(v_name, v_set);
  end if;
  return v_name;
end
$$;
