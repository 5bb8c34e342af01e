/*---
id: server-access-logging-disabled
version: 1
title: server access logging disabled
severity: medium
severity_rules:
  - high when the bucket or a prefix of it is listed as sensitive
family: logging
sources: [cloudtrail_management]
tactic: defense-evasion
mitre: [T1562.008]
window: hour
entity: [bucket, principal]
needs_learning: false
params: {}
description: >-
  PutBucketLogging with a BucketLoggingStatus that holds no LoggingEnabled: the bucket writes no more access logs. The
  marker logging="" of the request is there when logging is switched on, too, and says nothing. When the value before is
  known, only a change from on to off counts.
false_positives:
  - The end of a bucket that logged into itself, which loops; quiet when the target before was the bucket itself.
  - The teardown of a bucket; quiet when the same principal deletes the bucket within an hour.
  - Infrastructure as code that re-applies "off"; quiet once the earlier value has been seen.
known_gaps:
  - A teardown across the end of the window under test (midnight UTC in scheduled runs) is not recognised.
  - Access logs show that the setting changed and not how, so without CloudTrail management events this is blind.
  - Logs that are sent elsewhere instead of switched off are server-access-logging-redirected.
  - The first call that is seen for a bucket has no earlier value; it counts whenever it leaves logging off.
next_steps:
  - "Put it back: aws s3api put-bucket-logging; the previous target stands under expected."
  - "See what the principal did next in the bucket: select event_time, event_name, key, source_ip_address from cloudtrail where bucket = '<bucket>' order by event_time desc limit 50 (data events of CloudTrail go on)."
  - "See what else it changed: select event_time, event_name, bucket, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' and not read_only order by event_time desc."
  - If nobody owns the change, revoke the sessions of the principal.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html
  - https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-s3.html
  - https://attack.mitre.org/techniques/T1562/008/
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
switched_off as (
  select
    date_trunc('hour', changes.event_time) as window_start,
    changes.row_id, changes.event_time, changes.account_id, changes.region, changes.resource as bucket, changes.principal,
    changes.source_ip, changes.user_agent, changes.new_value, changes.previous_value,
    sensitive_buckets.bucket is not null as is_sensitive
  from control_changes as changes
  left join sensitive_buckets on sensitive_buckets.bucket = changes.resource
  where changes.event_time >= $from
    and changes.event_time < $to
    and changes.control = 'server-access-logging'
    and changes.all_off
    and changes.is_weaker is distinct from false
    and json_extract_scalar(changes.previous_value, '$.target_bucket') is distinct from changes.resource
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
    bool_or(is_sensitive) as is_sensitive
  from switched_off
  group by window_start, bucket, principal
)
select
  window_start,
  case when is_sensitive then 'high' else 'medium' end as severity,
  principal || ' switched off server access logging of bucket ' || bucket as summary,
  account_id, region, bucket, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  expected,
  observed,
  case when is_sensitive then array['bucket: SENSITIVE'] end as factors
from totals
order by window_start, bucket, principal
