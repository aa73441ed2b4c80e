-- Refuses what is no pattern (22023), and says what is wrong with it.
create or replace function howdah.check_pattern(pattern text) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_shown constant text := coalesce(quote_ident(regexp_replace(left(pattern, 80), '[[:cntrl:]]', '?', 'g')), '(null)');
  v_bad text;
begin
  if pattern ~ '^([A-Za-z0-9_:-]+|[*]|#)(\.([A-Za-z0-9_:-]+|[*]|#))*$' and octet_length(pattern) <= 255 then
    return;
  end if;
  v_bad := case
    when pattern is null then 'it is missing'
    when pattern = '' then 'it is empty; # takes everything'
    when octet_length(pattern) > 255 then 'it is longer than 255 bytes'
    when pattern ~ '^\.|\.\.|\.$' then 'it has an empty word'
    when pattern ~ '[^.][*#]|[*#][^.]' then '* and # stand for whole words'
    else 'a word is made of letters, digits, _ - and :'
  end;
  raise exception using errcode = '22023', message = format('pattern %s is not valid: %s', v_shown, v_bad),
    hint = 'A pattern is words joined by single dots; * is one word, # is any number of words, none included.';
end
$$;
