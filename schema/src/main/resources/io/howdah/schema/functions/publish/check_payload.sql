-- Refuses one payload that is missing or too large, or whose JSON text (null: it is of bytes) is nested too deep for readers
-- or holds an escape that is no character: such a text can be stored, and then never be taken apart. Called only for payloads
-- that may be one of these.
create or replace function howdah.check_payload(payload text, bytes int, max_payload int, ordinal bigint) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text text := payload;
  v_before int;
  v_depth int := 0;
begin
  if bytes is null then
    raise exception using errcode = '22004',
      message = format('payload of message %s is missing', ordinal),
      hint = 'For a message without content publish the JSON value null.';
  end if;
  if bytes > max_payload then
    raise exception using errcode = '22023',
      message = format('payload of message %s has %s bytes, more than the %s that its stream takes', ordinal,
        bytes, max_payload),
      hint = 'Store large content elsewhere and publish where it is.';
  end if;

  if position('\u' in v_text) > 0 then
    v_text := replace(v_text, '\\', '');
    if position('\u0000' in v_text) > 0
      or regexp_replace(v_text, '\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}', '', 'g')
        ~ '\\u[dD][89a-fA-F][0-9a-fA-F]{2}' then
      raise exception using errcode = '22P05',
        message = format('payload of message %s holds \u0000 or half of a surrogate pair', ordinal),
        hint = 'Remove the escape: it is no character, and readers of the message would fail.';
    end if;
  end if;

  if length(v_text) - length(translate(v_text, '[{', '')) > 512 then
    v_text := regexp_replace(replace(v_text, '\\', ''), '"(\\.|[^"\\])*"', '', 'g');
    v_text := translate(regexp_replace(v_text, '[^][{}]', '', 'g'), '{}', '[]');
    loop
      v_before := length(v_text);
      v_text := replace(v_text, '[]', '');
      exit when length(v_text) = v_before;
      v_depth := v_depth + 1;
      if v_depth > 512 then
        raise exception using errcode = '22023',
          message = format('payload of message %s is nested deeper than 512 levels', ordinal),
          hint = 'Flatten it: most readers of JSON refuse such a depth.';
      end if;
    end loop;
  end if;
end
$$;
