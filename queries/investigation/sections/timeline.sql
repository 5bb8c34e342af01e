select
  slot,
  min(first_at) as first_at,
  max(last_at) as last_at,
  sum(requests)::bigint as requests,
  sum(failed)::bigint as failed,
  sum(bytes_out)::bigint as bytes_out,
  array_to_string(list_slice(list(action order by requests desc, action), 1, 3), ', ') as actions,
  greatest(count(*) - 3, 0) as more_actions
from (
  select
    time_bucket(to_seconds($step_seconds), event_time) as slot,
    action,
    min(event_time) as first_at,
    max(event_time) as last_at,
    count(*) as requests,
    count(*) filter (where not is_success) as failed,
    coalesce(sum(bytes_out), 0) as bytes_out
  from subject_events
  group by slot, action
)
group by slot
order by slot
