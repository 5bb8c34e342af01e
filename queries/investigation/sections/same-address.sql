-- Who else came from the same addresses. Of many addresses only the rarest are looked at: those say the most.
with marks as (
  select source_ip as shared
  from subject_events
  where source_network is not null and not is_aws_service
  group by source_ip
  order by count(*), max(event_time) desc
  limit 20
),
sharing as (
  select principal, remote_ip as source_ip, event_time, request_id
  from s3_access_log
  where remote_ip in (select shared from marks)
  union all
  select principal, source_ip_address, event_time, request_id
  from cloudtrail
  where source_ip_address in (select shared from marks)
)
select
  'same address' as link,
  source_ip,
  principal,
  count(distinct request_id) as requests,
  min(event_time) as first_at,
  max(event_time) as last_at
from sharing
where request_id not in (select request_id from subject_events where request_id is not null)
  and principal not in (select principal from subject_events where principal is not null)
  and event_time >= $related_from
  and event_time < $related_to
group by source_ip, principal
order by last_at desc, requests desc, principal
limit 100
