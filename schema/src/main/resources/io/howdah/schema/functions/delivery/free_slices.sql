-- The numbers of the open slices of a subscription that anybody may take now: their lease has lapsed, or nobody owns
-- them (token 0). Below v_head.floor every slice is closed or in `held`, so the look at the ring starts there, and it
-- opens only the children v_low to v_high, which floor_span names. Inlined into its callers, which pin the plan and stop
-- as soon as they have one that is not locked.
create or replace function howdah.free_slices(v_head howdah.slice, v_low smallint, v_high smallint, v_now timestamptz)
returns setof bigint
language sql stable
as $$
  (
    select h.no from howdah.held h
    where h.sub = (v_head).sub and (h.token = 0 or h.deadline < v_now)
    order by h.no
  )
  union all
  (
    select s.no
    from howdah.slice s
    where s.seg between v_low and v_high and s.sub = (v_head).sub and s.no >= (v_head).floor and s.n > 0
      and (s.token = 0 or s.deadline < v_now)
      and not exists (select from howdah.held h where h.sub = s.sub and h.no = s.no offset 0)
      and not exists (
        select from howdah.closed c
          where c.seg between v_low and v_high and c.seg = s.seg and c.sub = s.sub and c.no = s.no
          offset 0)
    order by s.no
  )
$$;
