/*---
id: root-user-s3-activity
version: 1
title: root credentials used on S3, KMS or CloudTrail
severity: high
severity_rules:
  - low when root only read and listed
family: identity
sources: [access_log, cloudtrail_data, cloudtrail_management]
tactic: privilege-escalation
mitre: [T1078.004]
window: hour
entity: [principal]
needs_learning: false
params: {}
description: >-
  The root user of an account called S3, KMS or CloudTrail, successfully or not. No policy of the account limits root, so it
  should be in a drawer. In access logs the root of the owning account is its canonical user id, equal to the bucket owner.
  What AWS services do on behalf of root, and events of services, do not count.
false_positives:
  - The recovery of a bucket whose policy locks everybody out, and changes of MFA delete; both need root.
known_gaps:
  - The root of another account is not told apart from its other principals, in neither log.
  - Requests that only the access log saw are a finding of the canonical id, beside that of the root's ARN from CloudTrail.
  - Calls of other services (IAM, Organizations) are not looked at.
next_steps:
  - "See everything it did: select event_time, event_source, event_name, bucket, source_ip_address, user_agent, error_code from cloudtrail where user_identity_type = 'Root' order by event_time desc."
  - Ask the account's owner at once, by another way than e-mail to the root address.
  - If nobody knows of it, change the root password, delete root access keys, check its MFA device and contact AWS Support.
references:
  - https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
  - https://attack.mitre.org/techniques/T1078/004/
---*/
with
calls as (
  select
    event_time, row_id, recipient_account_id as account_id, aws_region as region, bucket, key, principal,
    source_ip_address as source_ip, user_agent, event_name as action, is_success,
    coalesce(read_only, regexp_like(event_name, '^(Get|List|Head|Describe|Lookup|Select)')) as is_read
  from cloudtrail
  where event_time >= $from
    and event_time < $to
    and user_identity_type = 'Root'
    and user_identity_invoked_by is null
    and event_type is distinct from 'AwsServiceEvent'
    and event_name <> 'CreateServiceLinkedRole'
    and event_source in ('s3.amazonaws.com', 's3express.amazonaws.com', 's3-outposts.amazonaws.com', 's3-object-lambda.amazonaws.com',
      's3tables.amazonaws.com', 'kms.amazonaws.com', 'cloudtrail.amazonaws.com')
  union all
  -- A request that CloudTrail saw too has its principal, and stands above.
  select
    event_time, row_id, account_id, region, bucket, key, principal, source_ip, user_agent, action, is_success,
    action_class in ('read', 'list') or regexp_like(action, '^(Get|List|Head|REST[.](GET|HEAD|OPTIONS))')
  from s3_events
  where event_time >= $from
    and event_time < $to
    and source = 'access_log'
    and is_bucket_owner
    and principal_kind = 'canonical'
    and not is_aws_service
),
totals as (
  select
    date_trunc('hour', event_time) as window_start, principal,
    max(account_id) as account_id,
    min_by(region, row(event_time, row_id)) as region,
    min_by(bucket, row(event_time, row_id)) as bucket,
    min_by(key, row(event_time, row_id)) as key,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    sum(case when is_read then 0 else 1 end) as changes,
    sum(case when is_success then 0 else 1 end) as failures,
    min_by(action, row(is_read, event_time, row_id)) as action,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from calls
  group by date_trunc('hour', event_time), principal
)
select
  window_start,
  case when changes > 0 then 'high' else 'low' end as severity,
  principal || ' made ' || cast(event_count as varchar) || case when event_count = 1 then ' call' else ' calls' end
    || ' as root, ' || cast(changes as varchar) || ' of them changes, such as ' || action as summary,
  account_id, region, bucket, key, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  action as observed,
  array[
    case when changes > 0 then 'calls: CHANGES' else 'calls: READS ONLY' end,
    case when failures > 0 then 'calls: SOME FAILED' end
  ] as factors
from totals
order by window_start, principal
