-- Refuses to create again what exists with other options: of those that were given (v_given) each has to be (v_is) what is
-- asked for (v_asked, in the same words). Others may have been changed since. Raises HD409 with the option, what it is, what
-- was asked, and what to do.
create or replace function howdah.check_same(v_what text, v_name text, v_given json, v_is json, v_asked json) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_option text;
begin
  select k into v_option
  from json_object_keys(v_given) k
  where (v_is::jsonb -> k) is distinct from (v_asked::jsonb -> k)
  order by k <> 'ordering', k limit 1;
  if found then
    raise exception using errcode = 'HD409',
      message = format('%s "%s" exists already, with %s %s and not %s', v_what, v_name, v_option,
        coalesce(v_is ->> v_option, 'unset'), coalesce(v_asked ->> v_option, 'unset')),
      hint = case v_option
        when 'ordering' then format('The ordering cannot be changed: leave it out, choose another name, or drop the %s (its '
          'first message may have made it) and create it with its ordering before anything is published.', v_what)
        else format('howdah.alter_%s changes it; or leave the option out.', v_what)
      end;
  end if;
end
$$;
