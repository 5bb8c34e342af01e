/*---
id: bucket-policy-public-authenticated
version: 1
title: bucket policy grants every AWS customer
severity: high
severity_rules:
  - critical when the grant lets them write, delete or change permissions
  - one level lower while Block Public Access of the bucket or the account is known to hold it back
  - one level higher when the bucket or a prefix of it is listed as sensitive
family: exposure
sources: [cloudtrail_management]
tactic: collection
mitre: [T1530, T1098]
window: hour
entity: [bucket, principal]
needs_learning: false
params: {}
description: >-
  A bucket policy was set of which one statement asks for credentials, but for no particular ones: anybody with an AWS
  account of their own gets in. Principal "*" with a condition such as StringLike aws:PrincipalArn "arn:aws:iam::*", or
  with one on the type or the tags of the caller, looks narrow and is not. So does a VPC endpoint or a source that
  anybody can have. Statements are judged one by one, and denials that take the grant back are subtracted.
false_positives:
  - A data set for all AWS customers; list it under public_buckets, which silences grants that only read.
  - A statement for a service without aws:SourceAccount or aws:SourceArn; it lets the service act for strangers, so narrow it.
known_gaps:
  - A policy of more than 100 KB is not logged; policy-change-params-omitted tells.
  - Block Public Access is known only from changes that were seen; an account-wide setting made earlier does not lower the severity.
  - Statements that also let unsigned requests in are bucket-policy-public-anonymous and do not count here.
next_steps:
  - "Read the policy: select event_time, request_parameters from cloudtrail where event_name = 'PutBucketPolicy' and bucket = '<bucket>' order by event_time desc limit 2."
  - "See who came from outside: select event_time, action, key, principal, source_ip, status from s3_events where bucket = '<bucket>' and principal_account_id is distinct from '<account_id>' order by event_time desc."
  - "Close it: aws s3api put-public-access-block with all four switches on; it takes effect at once and keeps the policy as evidence."
  - Ask the principal's owner; if nobody knows of it, put the previous policy back and revoke its sessions.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
  - https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-s3.html
  - https://attack.mitre.org/techniques/T1530/
---*/
with
sensitive_buckets as (
  select bucket from buckets where is_sensitive
  union
  select bucket from sensitive_prefixes
),
grants as (
  select
    date_trunc('hour', granted.event_time) as window_start,
    granted.row_id, granted.event_time, granted.account_id, granted.region, granted.bucket, granted.principal, granted.source_ip,
    granted.user_agent, granted.statement, granted.allows_write, granted.held_back_by,
    sensitive_buckets.bucket is not null as is_sensitive
  from policy_grants as granted
  left join buckets on buckets.bucket = granted.bucket
  left join sensitive_buckets on sensitive_buckets.bucket = granted.bucket
  where granted.event_time >= $from
    and granted.event_time < $to
    and granted.via = 'policy'
    and granted.audience = 'authenticated'
    and (granted.allows_write or not coalesce(buckets.is_public, false))
),
calls as (
  select
    window_start, row_id, event_time, account_id, region, bucket, principal, source_ip, user_agent, is_sensitive, held_back_by,
    bool_or(allows_write) as allows_write,
    min(statement) as statement
  from grants
  group by
    window_start, row_id, event_time, account_id, region, bucket, principal, source_ip, user_agent, is_sensitive, held_back_by
),
totals as (
  select
    window_start, bucket, principal,
    max(account_id) as account_id,
    max(region) as region,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    max_by(statement, row(event_time, row_id)) as statement,
    bool_or(allows_write) as allows_write,
    bool_and(held_back_by is not null) as is_held_back,
    max(held_back_by) as held_back_by,
    max(case when allows_write then 1 else 0 end + case when is_sensitive then 1 else 0 end
      - case when held_back_by is not null then 1 else 0 end) as raised,
    bool_or(is_sensitive) as is_sensitive
  from calls
  group by window_start, bucket, principal
)
select
  window_start,
  case when raised >= 1 then 'critical' when raised = 0 then 'high' else 'medium' end as severity,
  principal || ' let every AWS customer ' || case when allows_write then 'change' else 'read' end || ' bucket ' || bucket
    || ' by its policy' || case when is_held_back then ', which Block Public Access holds back for now' else '' end as summary,
  account_id, region, bucket, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  statement as observed,
  array[
    case when allows_write then 'grant: WRITE' else 'grant: READ' end,
    case when is_sensitive then 'bucket: SENSITIVE' end,
    case when is_held_back then 'held back by: ' || held_back_by end
  ] as factors
from totals
order by window_start, bucket, principal
