select
  coalesce(source_network, source_ip) as "from",
  count(distinct source_ip) as addresses,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  coalesce(sum(bytes_out), 0)::bigint as bytes_out,
  min(event_time) as first_at,
  max(event_time) as last_at,
  arg_max(user_agent, event_time) as last_user_agent
from subject_events
group by all
order by last_at desc, requests desc
limit 100
