/*---
id: policy-change-params-omitted
version: 1
title: access change whose parameters were too large to log
severity: medium
severity_rules:
  - high when the bucket or a prefix of it is listed as sensitive
family: exposure
sources: [cloudtrail_management, cloudtrail_data]
tactic: defense-evasion
mitre: [T1562.008]
window: hour
entity: [bucket, principal]
needs_learning: false
params: {}
description: >-
  A call set a policy, an ACL, Block Public Access, a lifecycle, replication or notifications, and CloudTrail holds nothing
  of what it set: above 100 KB the parameters are left out. No detector that reads them can judge the change, and padding
  a request with spaces is a way to hide it, so the change itself counts.
false_positives:
  - A lifecycle, replication or notification configuration with hundreds of rules; suppress it by bucket.
known_gaps:
  - ACLs and notifications without content are told only by CloudTrail's own mark or by the absence of all parameters.
  - A padded request that stays below 100 KB is logged whole and judged by the other detectors.
next_steps:
  - "Read what is set now: aws s3api get-bucket-policy, get-bucket-acl, get-bucket-lifecycle-configuration, get-bucket-replication or get-bucket-notification-configuration for <bucket>."
  - "Compare it with what was set before: select event_time, event_name, request_parameters from cloudtrail where bucket = '<bucket>' and not read_only order by event_time desc limit 20."
  - "See who came since: select event_time, action, key, principal, source_ip, status from s3_events where bucket = '<bucket>' order by event_time desc."
  - If nobody owns the change, put the earlier setting back and revoke the sessions of the principal.
references:
  - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
  - https://attack.mitre.org/techniques/T1562/008/
---*/
with
sensitive_buckets as (
  select bucket from buckets where is_sensitive
  union
  select bucket from sensitive_prefixes
),
unreadable as (
  select
    date_trunc('hour', changes.event_time) as window_start,
    changes.row_id, changes.event_time, changes.event_name, coalesce(changes.bucket_account_id, changes.recipient_account_id) as account_id,
    changes.aws_region as region, changes.bucket, changes.key, changes.principal, changes.source_ip_address as source_ip,
    changes.user_agent,
    sensitive_buckets.bucket is not null as is_sensitive
  from cloudtrail as changes
  left join sensitive_buckets on sensitive_buckets.bucket = changes.bucket
  where changes.event_time >= $from
    and changes.event_time < $to
    and changes.event_source in ('s3.amazonaws.com', 's3control.amazonaws.com', 'kms.amazonaws.com')
    and changes.event_name in (
      'PutBucketPolicy', 'PutBucketAcl', 'PutObjectAcl', 'PutBucketPublicAccessBlock', 'PutAccountPublicAccessBlock',
      'PutBucketLifecycle', 'PutBucketLifecycleConfiguration', 'PutBucketReplication', 'PutBucketNotification',
      'PutBucketNotificationConfiguration', 'PutBucketEncryption', 'PutAccessPointPolicy', 'PutMultiRegionAccessPointPolicy',
      'PutAccessPointPolicyForObjectLambda', 'PutKeyPolicy'
    )
    and changes.is_success
    and (
      changes.request_parameters is null
      or changes.request_parameters in ('', 'null', '{}')
      or lower(try(json_extract_scalar(changes.request_parameters, '$.omitted'))) = 'true'
      or try(json_extract_scalar(changes.request_parameters, '$.reason')) = 'requestParameters too large'
      or changes.event_name = 'PutBucketPolicy' and strpos(changes.request_parameters, '"bucketPolicy"') = 0
      or changes.event_name in ('PutBucketPublicAccessBlock', 'PutAccountPublicAccessBlock')
        and strpos(changes.request_parameters, '"PublicAccessBlockConfiguration"') = 0
      or changes.event_name in ('PutBucketLifecycle', 'PutBucketLifecycleConfiguration')
        and strpos(changes.request_parameters, '"LifecycleConfiguration"') = 0
      or changes.event_name = 'PutBucketReplication' and strpos(changes.request_parameters, '"ReplicationConfiguration"') = 0
    )
),
totals as (
  select
    window_start, bucket, principal,
    max(account_id) as account_id,
    max(region) as region,
    min_by(key, row(event_time, row_id)) as key,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    count(distinct event_name) as calls,
    min_by(event_name, row(event_time, row_id)) as event_name,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    bool_or(is_sensitive) as is_sensitive
  from unreadable
  group by window_start, bucket, principal
)
select
  window_start,
  case when is_sensitive then 'high' else 'medium' end as severity,
  principal || ' called ' || event_name || case when calls > 1 then ' and ' || cast(calls - 1 as varchar) || ' more' else '' end
    || coalesce(' on bucket ' || bucket, '') || ', and CloudTrail does not hold what it set' as summary,
  account_id, region, bucket, key, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  event_name as observed,
  case when is_sensitive then array['bucket: SENSITIVE'] end as factors
from totals
order by window_start, bucket, principal
