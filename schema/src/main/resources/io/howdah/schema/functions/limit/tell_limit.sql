-- Tells a claimer, by a notice HD429, that there is a limit: of what is in flight; or of a rate, with the microseconds
-- until it permits more as the detail; or, with v_active, of one consumer that is active.
create or replace function howdah.tell_limit(
  v_sub howdah.subscription,
  v_active text,
  v_slots bigint,
  v_next timestamptz
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_micros constant bigint := greatest(ceil(extract(epoch from v_next - howdah.now()) * 1000000), 0);
begin
  if v_active is not null then
    raise notice using errcode = 'HD429', message = format('"%s" is being consumed by %s', v_sub.name, v_active),
      hint = 'One consumer at a time is active; another takes over when it has settled everything, or its leases lapse.';
  elsif v_slots < 1 then
    raise notice using errcode = 'HD429',
      message = format('%s messages of "%s" are in flight, which is its concurrency', v_sub.concurrency, v_sub.name),
      hint = 'Claim again when some of them have been settled.';
  else
    raise notice using errcode = 'HD429',
      message = format('"%s" hands out %s messages within %s at most', v_sub.name, v_sub.rate, v_sub.rate_period),
      detail = v_micros, hint = 'Claim again after so many microseconds.';
  end if;
end
$$;
