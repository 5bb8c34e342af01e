select
  principal,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  coalesce(sum(bytes_out), 0)::bigint as bytes_out,
  count(distinct source_ip) as addresses,
  min(event_time) as first_at,
  max(event_time) as last_at
from subject_events
group by principal
order by requests desc, principal
limit 100
