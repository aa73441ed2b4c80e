-- Tells a claimer, by a notice HD429, that a limit is why there is not more, and in its detail when there will be.
create or replace function howdah.tell_limit(
  v_sub howdah.subscription,
  v_active text,
  v_rated bigint,
  v_next timestamptz
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_micros constant bigint := greatest(ceil(extract(epoch from v_next - howdah.now()) * 1000000), 1);
begin
  if v_active is not null then
    raise notice using errcode = 'HD429', message = format('"%s" is being consumed by %s', v_sub.name, v_active),
      hint = 'One consumer at a time is active; another takes over when it has settled everything, or its leases lapse.';
  elsif v_rated < 1 then
    raise notice using errcode = 'HD429',
      message = format('"%s" has handed out %s messages within %s, which is its rate',
        v_sub.name, v_sub.rate, v_sub.rate_period),
      detail = v_micros, hint = 'Claim again after so many microseconds.';
  else
    raise notice using errcode = 'HD429',
      message = format('%s messages of "%s" are in flight, which is its concurrency', v_sub.concurrency, v_sub.name),
      hint = 'Claim again when some of them have been settled.';
  end if;
end
$$;
