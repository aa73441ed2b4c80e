-- Whether a restore lies between two epochs: then transaction ids of the older mean nothing in the newer one.
create or replace function howdah.is_restored(v_old int, v_new howdah.epoch) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select e.first_seq from howdah.epoch e where e.no = v_old) <> v_new.first_seq;
end
$$;
