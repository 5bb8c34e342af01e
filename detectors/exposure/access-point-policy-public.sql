/*---
id: access-point-policy-public
version: 1
title: access point policy is public
severity: high
severity_rules:
  - critical when the grant lets strangers write, delete or change permissions
  - one level higher when the bucket behind it is known and listed as sensitive
  - one level lower while Block Public Access of the access point, its bucket or the account is known to hold it back
family: exposure
sources: [cloudtrail_management]
tactic: collection
mitre: [T1530, T1098]
window: hour
entity: [account_id, principal]
needs_learning: false
params: {}
description: >-
  The policy of an access point, of a multi-region access point or of an Object Lambda access point was set of which one
  statement lets in anybody, or anybody with an AWS account. It is judged like a bucket policy, statement by statement. The
  policy of an access point works only together with that of its bucket, which often hands all access to its access points.
false_positives:
  - An access point for a public data set; suppress it by principal, or narrow its policy.
  - An access point that only one VPC reaches is not public whatever its policy says; quiet when its creation was seen.
known_gaps:
  - The bucket behind an access point and its Block Public Access are known only when its creation was seen.
  - What the policy of the bucket allows its access points to do is not looked at, so the grant may have no effect.
  - Grants to single foreign accounts are not judged here.
next_steps:
  - "Read the policy: select event_time, event_name, request_parameters from cloudtrail where event_name like 'Put%AccessPointPolicy%' order by event_time desc limit 5."
  - "See who came through it: select event_time, operation, key, requester, remote_ip from s3_access_log where access_point_arn is not null order by event_time desc."
  - "Close it: aws s3control delete-access-point-policy, or switch on Block Public Access for the account."
  - Ask the principal's owner; if nobody knows of it, revoke its sessions.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
  - https://attack.mitre.org/techniques/T1530/
---*/
with
sensitive_buckets as (
  select bucket from buckets where is_sensitive
  union
  select bucket from sensitive_prefixes
),
calls as (
  select
    date_trunc('hour', granted.event_time) as window_start,
    granted.row_id, granted.event_time, granted.account_id, granted.region, granted.bucket, granted.resource, granted.principal,
    granted.source_ip, granted.user_agent, granted.held_back_by,
    sensitive_buckets.bucket is not null as is_sensitive,
    bool_or(granted.allows_write) as allows_write,
    min(granted.audience) as audience,
    min(granted.statement) as statement
  from policy_grants as granted
  left join sensitive_buckets on sensitive_buckets.bucket = granted.bucket
  where granted.event_time >= $from
    and granted.event_time < $to
    and granted.via = 'access-point'
    and granted.audience in ('anonymous', 'authenticated')
    and granted.held_back_by is distinct from 'vpc'
  group by
    granted.row_id, granted.event_time, granted.account_id, granted.region, granted.bucket, granted.resource, granted.principal,
    granted.source_ip, granted.user_agent, granted.held_back_by, sensitive_buckets.bucket
),
totals as (
  select
    window_start, account_id, principal,
    max(region) as region,
    min_by(bucket, row(event_time, row_id)) as bucket,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    count(distinct resource) as access_points,
    min_by(resource, row(event_time, row_id)) as resource,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    max_by(statement, row(event_time, row_id)) as statement,
    min(audience) as audience,
    bool_or(allows_write) as allows_write,
    bool_or(is_sensitive) as is_sensitive,
    bool_and(held_back_by is not null) as is_held_back,
    max(held_back_by) as held_back_by,
    max(case when allows_write then 1 else 0 end + case when is_sensitive then 1 else 0 end
      - case when held_back_by is not null then 1 else 0 end) as raised
  from calls
  group by window_start, account_id, principal
)
select
  window_start,
  case when raised >= 1 then 'critical' when raised = 0 then 'high' else 'medium' end as severity,
  principal || ' let ' || case when audience = 'anonymous' then 'anybody' else 'every AWS customer' end
    || case when allows_write then ' change' else ' read' end || ' through access point ' || coalesce(resource, 'unknown')
    || case when access_points > 1 then ' and ' || cast(access_points - 1 as varchar) || ' more' else '' end
    || case when is_held_back then ', which Block Public Access holds back for now' else '' end as summary,
  account_id, region, bucket, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  statement as observed,
  array[
    case when audience = 'anonymous' then 'audience: ANYBODY' else 'audience: AWS CUSTOMERS' end,
    case when allows_write then 'grant: WRITE' else 'grant: READ' end,
    case when is_sensitive then 'bucket: SENSITIVE' end,
    case when is_held_back then 'held back by: ' || held_back_by end
  ] as factors
from totals
order by window_start, account_id, principal
