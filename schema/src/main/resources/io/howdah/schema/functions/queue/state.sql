-- Whether a consumer has something to do: 'ready' (a claim finds something now or at its next look), 'later' (nothing now;
-- `at` says when the first scheduled message falls due or the first lease ends, whichever comes first) or 'empty'. A
-- message that is in flight is not ready, and not gone: its lease may end. Says the same while it is paused. Changes
-- nothing. Raises HD404.
create or replace function howdah.state(subscription text, out state text, out at timestamptz)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  at := least(howdah.next_due(state.subscription), howdah.next_lapse(state.subscription));
  if (select s.ready from howdah.stats(state.subscription) s) > 0 or at <= howdah.now() then
    state := 'ready';
    at := null;
  else
    state := case when at is null then 'empty' else 'later' end;
  end if;
end
$$;
