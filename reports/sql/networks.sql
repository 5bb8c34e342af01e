-- Requests by network of the caller; of what both logs saw, the larger count of each network and day.
with by_log as (
  select source_network, dt, 'access_log' as source, count(*) as requests, sum(bytes_sent) as bytes_out
  from s3_access_log
  where event_time >= $from and event_time < $to and source_network is not null
  group by all
  union all
  select source_network, dt, 'cloudtrail', count(*), sum(bytes_out)
  from cloudtrail
  where event_time >= $from and event_time < $to and source_network is not null and is_s3_source(event_source)
  group by all
),
by_day as (
  select source_network, dt, max(requests) as requests, max(bytes_out) as bytes_out
  from by_log
  group by source_network, dt
)
select
  source_network as network,
  sum(requests)::bigint as requests,
  coalesce(sum(bytes_out), 0)::bigint as bytes_out
from by_day
group by source_network
order by network
