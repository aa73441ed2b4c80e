-- The numbers of a subscription's open slices that are not in `held`, in order; v_head is its newest slice, and they lie
-- in the children v_low to v_high, which floor_span names. The first one is the floor of what is cut next. Inlined into
-- its callers, which pin the plan and stop at the first.
create or replace function howdah.open_numbers(v_head howdah.slice, v_low smallint, v_high smallint) returns setof bigint
language sql stable
as $$
  select s.no
  from howdah.slice s
  where s.seg between v_low and v_high and s.sub = (v_head).sub and s.no >= (v_head).floor and s.n > 0
    and not exists (select from howdah.held h where h.sub = s.sub and h.no = s.no offset 0)
    and not exists (
      select from howdah.closed c
      where c.seg between v_low and v_high and c.seg = s.seg and c.sub = s.sub and c.no = s.no
      offset 0)
  order by s.no
$$;
