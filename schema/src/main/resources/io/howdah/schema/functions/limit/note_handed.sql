-- Writes down what a limited subscription has just handed out, so that its rate counts it, and tells the claimer that there
-- is a rate, or that he got less than he wanted because enough is in flight. One row for a claim, however many messages. The
-- time is that of the row before if the clock was set back a little; if it was set back far, what lies in the future is
-- forgotten. The caller holds the cutting lock; v_head was the newest slice before.
create or replace function howdah.note_handed(
  v_sub howdah.subscription,
  v_head howdah.slice,
  v_slice howdah.slice,
  v_quantity int
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_count constant int := cardinality(howdah.open_positions(v_slice));
  v_now constant timestamptz := howdah.now();
  v_last howdah.handed;
  v_permit record;
begin
  if v_sub.rate is not null then
    select h.* into v_last from howdah.handed h where h.sub = v_sub.id order by h.total desc limit 1;
    if not found then
      insert into howdah.handed (sub, total, at) values (v_sub.id, 0, '-infinity');
    elsif v_last.at > v_now + 2 * v_sub.rate_period then
      delete from howdah.handed h where h.sub = v_sub.id and h.at > v_now;
      v_last.at := v_now;
    end if;
    insert into howdah.handed (sub, total, at)
    values (v_sub.id, coalesce(v_last.total, 0) + v_count, greatest(v_now, v_last.at));
  end if;
  if v_sub.rate is not null or v_count < v_quantity then
    select p.* into v_permit from howdah.permit(v_sub, v_head, v_slice.owner) p;
    if v_sub.rate is not null or v_permit.slots < 1 then
      perform howdah.tell_limit(v_sub, null, v_permit.slots, v_permit.next_at);
    end if;
  end if;
end
$$;
