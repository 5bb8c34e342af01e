-- Others at the same addresses and with the same access keys, and the same sessions elsewhere.
with marks as (
  select 'same address' as link, source_ip as shared
  from subject_events
  where source_network is not null and not is_aws_service
  group by source_ip
  union all
  select 'same access key', access_key_id
  from subject_events
  where access_key_id is not null
  group by access_key_id
  union all
  select 'same session', principal_raw
  from subject_events
  where starts_with(principal_raw, 'arn:') and not is_aws_service
  group by principal_raw
),
sharing as (
  select 'same address' as link, remote_ip as shared, principal, remote_ip as source_ip, event_time, request_id
  from s3_access_log
  where remote_ip in (select shared from marks where link = 'same address')
  union all
  select 'same address', source_ip_address, principal, source_ip_address, event_time, request_id
  from cloudtrail
  where source_ip_address in (select shared from marks where link = 'same address')
  union all
  select 'same access key', user_identity_access_key_id, principal, source_ip_address, event_time, request_id
  from cloudtrail
  where user_identity_access_key_id in (select shared from marks where link = 'same access key')
  union all
  select 'same session', requester, principal, remote_ip, event_time, request_id
  from s3_access_log
  where requester in (select shared from marks where link = 'same session')
  union all
  select 'same session', user_identity_arn, principal, source_ip_address, event_time, request_id
  from cloudtrail
  where user_identity_arn in (select shared from marks where link = 'same session')
)
select
  link,
  shared,
  principal,
  source_ip,
  count(distinct request_id) as requests,
  min(event_time) as first_at,
  max(event_time) as last_at
from sharing
where request_id not in (select request_id from subject_events where request_id is not null)
  and event_time >= $from
  and event_time < $to
group by link, shared, principal, source_ip
order by last_at desc, requests desc
limit 100
