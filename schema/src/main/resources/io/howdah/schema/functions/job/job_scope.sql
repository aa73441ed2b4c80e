-- The subscription behind a scope of jobs. Raises HD404 for an unknown one, HD409 if it is a queue of another kind.
create or replace function howdah.job_scope(v_scope text) returns howdah.subscription
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
begin
  select s.* into v_sub from howdah.subscription s where s.name = v_scope;
  if not found then
    raise exception using errcode = 'HD404',
      message = format('scope "%s" does not exist',
        coalesce(regexp_replace(left(v_scope, 255), '[[:cntrl:]]', '?', 'g'), '(null)')),
      hint = 'Its first job makes it, or howdah.create_job_scope(scope); or correct the name.';
  elsif v_sub.ordering <> 'job' then
    raise exception using errcode = 'HD409', message = format('"%s" is a queue of messages, not a scope of jobs', v_scope),
      hint = 'Jobs are in scopes that howdah.create_job or howdah.create_job_scope has made.';
  end if;
  return v_sub;
end
$$;
