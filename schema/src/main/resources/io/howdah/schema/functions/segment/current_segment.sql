-- The ring child that takes new rows.
create or replace function howdah.current_segment() returns smallint
language plpgsql stable
as $$
begin
  return (select s.seg from howdah.segment s where s.volume = 1 order by s.no desc limit 1);
end
$$;
