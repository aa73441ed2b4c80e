-- Refuses a quantity, lease or owner that a claim cannot have (22023).
create or replace function howdah.check_claim(quantity int, lease interval, owner text) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if quantity is null or quantity not between 1 and 10000 then
    raise exception using errcode = '22023',
      message = format('quantity must be between 1 and 10000 but was %s', coalesce(quantity::text, 'null')),
      hint = 'Claim several times for more.';
  end if;
  if lease is null or lease not between '10 ms' and '1 day' then
    raise exception using errcode = '22023',
      message = format('lease must be between 10 ms and 1 day but was %s', coalesce(lease::text, 'null')),
      hint = 'Take a short lease and renew it while the work goes on.';
  end if;
  if octet_length(owner) > 255 then
    raise exception using errcode = '22023', message = 'owner must have at most 255 bytes',
      hint = 'It only tells people who holds a lease: a host and a process id will do.';
  end if;
end
$$;
