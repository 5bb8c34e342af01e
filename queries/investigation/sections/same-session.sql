-- Where else the same sessions and access keys were used. Of many only the latest are looked at.
with marks as (
  select 'same access key' as link, access_key_id as shared, max(event_time) as last_at
  from subject_events
  where access_key_id is not null
  group by access_key_id
  union all
  select 'same session', principal_raw, max(event_time)
  from subject_events
  where starts_with(principal_raw, 'arn:') and not is_aws_service
  group by principal_raw
),
latest as (
  select link, shared
  from marks
  order by last_at desc
  limit 40
),
sharing as (
  select 'same session' as link, requester as shared, principal, remote_ip as source_ip, event_time, request_id
  from s3_access_log
  where requester in (select shared from latest where link = 'same session')
  union all
  select 'same session', user_identity_arn, principal, source_ip_address, event_time, request_id
  from cloudtrail
  where user_identity_arn in (select shared from latest where link = 'same session')
  union all
  select 'same access key', user_identity_access_key_id, principal, source_ip_address, event_time, request_id
  from cloudtrail
  where user_identity_access_key_id in (select shared from latest where link = 'same access key')
)
select
  link,
  shared,
  source_ip,
  principal,
  count(distinct request_id) as requests,
  min(event_time) as first_at,
  max(event_time) as last_at
from sharing
where request_id not in (select request_id from subject_events where request_id is not null)
  and event_time >= $related_from
  and event_time < $related_to
group by link, shared, source_ip, principal
order by last_at desc, requests desc, link, shared, source_ip
limit 100
