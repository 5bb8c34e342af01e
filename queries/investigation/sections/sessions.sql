select
  coalesce(principal_raw, principal) as session,
  access_key_id,
  count(*) as requests,
  count(distinct source_ip) as addresses,
  min(event_time) as first_at,
  max(event_time) as last_at
from subject_events
group by all
order by last_at desc, requests desc
limit 100
