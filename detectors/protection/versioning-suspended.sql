/*---
id: versioning-suspended
version: 1
title: versioning suspended
severity: medium
severity_rules:
  - high when the bucket or a prefix of it is listed as sensitive, or logs are delivered to it
family: protection
sources: [cloudtrail_management]
tactic: impact
mitre: [T1490]
window: hour
entity: [bucket, principal]
needs_learning: false
params:
  new_bucket_minutes:
    default: 60
    unit: minutes
    description: How long after its creation a bucket of which nothing else is known has no versions to lose.
description: >-
  PutBucketVersioning with another status than Enabled. What is overwritten or deleted from now on is gone; versions that
  are there stay until somebody deletes them. When the status before is known, only a change from Enabled counts.
false_positives:
  - Cost clean-up of a scratch bucket; suppress it by bucket.
  - Infrastructure as code that says Suspended again; quiet once the earlier value has been seen.
  - A new bucket that is set up with Suspended; quiet for new_bucket_minutes after CreateBucket.
  - The teardown of a bucket; quiet when the same principal deletes the bucket within an hour.
known_gaps:
  - A teardown across the end of the window under test is not recognised.
  - In us-east-1 CreateBucket succeeds for a bucket that one owns already, so it can make an old bucket look new; only while no status of it is known.
  - Access logs show that versioning changed and not how, so without CloudTrail management events this is blind.
next_steps:
  - "See who it was and what else they did: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' and not read_only order by event_time desc limit 50."
  - "Put it back: aws s3api put-bucket-versioning --bucket <bucket> --versioning-configuration Status=Enabled."
  - "List what was overwritten or deleted since: select event_time, action, key, principal from s3_events where bucket = '<bucket>' and action_class in ('write', 'delete') order by event_time."
  - If nobody owns the change, revoke the sessions of the principal and look for deletions in other buckets.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/manage-versioning-examples.html
  - https://attack.mitre.org/techniques/T1490/
---*/
with
sensitive_buckets as (
  select bucket from buckets where is_sensitive
  union
  select bucket from sensitive_prefixes
),
teardowns as (
  select bucket, principal, event_time
  from cloudtrail
  where event_name = 'DeleteBucket' and event_source = 's3.amazonaws.com' and is_success
),
suspended as (
  select
    date_trunc('hour', changes.event_time) as window_start,
    changes.row_id, changes.event_time, changes.account_id, changes.region, changes.resource as bucket, changes.principal,
    changes.source_ip, changes.user_agent, changes.new_value, changes.previous_value,
    coalesce(buckets.is_log, false) as is_log,
    sensitive_buckets.bucket is not null as is_sensitive
  from control_changes as changes
  left join buckets on buckets.bucket = changes.resource
  left join sensitive_buckets on sensitive_buckets.bucket = changes.resource
  where changes.event_time >= $from
    and changes.event_time < $to
    and changes.control = 'versioning'
    and changes.all_off
    and changes.is_weaker is distinct from false
    and not (
      changes.previous_value is null
      and coalesce(changes.event_time >= buckets.created_at
        and changes.event_time <= buckets.created_at + $new_bucket_minutes * interval '1' minute, false)
    )
    and not exists (
      select 1
      from teardowns
      where teardowns.bucket = changes.resource
        and teardowns.principal = changes.principal
        and teardowns.event_time >= changes.event_time
        and teardowns.event_time <= changes.event_time + interval '1' hour
    )
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
    min_by(previous_value, row(event_time, row_id)) as expected,
    max_by(new_value, row(event_time, row_id)) as observed,
    bool_or(is_log) as is_log,
    bool_or(is_sensitive) as is_sensitive
  from suspended
  group by window_start, bucket, principal
)
select
  window_start,
  case when is_sensitive or is_log then 'high' else 'medium' end as severity,
  principal || ' suspended versioning of bucket ' || bucket as summary,
  account_id, region, bucket, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  expected,
  observed,
  array[
    case when is_log then 'bucket: LOGS' end,
    case when is_sensitive then 'bucket: SENSITIVE' end
  ] as factors
from totals
order by window_start, bucket, principal
