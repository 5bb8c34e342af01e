/*---
id: server-access-logging-redirected
version: 1
title: access logs sent to another bucket
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
params:
  settled_hours:
    default: 24
    unit: hours
    description: A target that received logs this long before is an ordinary log bucket and no news.
description: >-
  PutBucketLogging that sends the access logs of a bucket to another bucket than before, one that received no logs until
  now. Whoever reads the logs at the old place, no longer sees the bucket. S3 delivers only to
  buckets of the same account and region, so the new target is always one's own; the severity does not depend on it.
false_positives:
  - Logs are gathered in a new bucket; list it under log_buckets beforehand, or suppress the principal for the day.
known_gaps:
  - The first target that is seen for a bucket has nothing before it and stays quiet.
  - A target that received any logs before is not judged, though nobody may read that one; another prefix neither.
  - Access logs show that the setting changed and not how, so without CloudTrail management events this is blind.
next_steps:
  - "See who it was and what else they did: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' and not read_only order by event_time desc limit 50."
  - "Put it back: aws s3api put-bucket-logging --bucket <bucket>; the target before stands under expected."
  - Read the new target for the time in question, or add it as a source.
  - If nobody owns the change, revoke the sessions of the principal.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
  - https://attack.mitre.org/techniques/T1562/008/
---*/
with
sensitive_buckets as (
  select bucket from buckets where is_sensitive
  union
  select bucket from sensitive_prefixes
),
redirected as (
  select
    date_trunc('hour', changes.event_time) as window_start,
    changes.row_id, changes.event_time, changes.account_id, changes.region, changes.resource as bucket, changes.principal,
    changes.source_ip, changes.user_agent, changes.new_value, changes.previous_value,
    json_extract_scalar(changes.new_value, '$.target_bucket') as target,
    sensitive_buckets.bucket is not null as is_sensitive
  from control_changes as changes
  left join sensitive_buckets on sensitive_buckets.bucket = changes.resource
  left join buckets as targets on targets.bucket = json_extract_scalar(changes.new_value, '$.target_bucket')
  where changes.event_time >= $from
    and changes.event_time < $to
    and changes.control = 'server-access-logging'
    and json_extract_scalar(changes.previous_value, '$.target_bucket') is not null
    and json_extract_scalar(changes.new_value, '$.target_bucket') is not null
    and json_extract_scalar(changes.previous_value, '$.target_bucket') <> json_extract_scalar(changes.new_value, '$.target_bucket')
    and not coalesce(targets.log_since <= changes.event_time - $settled_hours * interval '1' hour, false)
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
    max_by(target, row(event_time, row_id)) as target,
    bool_or(is_sensitive) as is_sensitive
  from redirected
  group by window_start, bucket, principal
)
select
  window_start,
  case when is_sensitive then 'high' else 'medium' end as severity,
  principal || ' sent the access logs of bucket ' || bucket || ' to bucket ' || target as summary,
  account_id, region, bucket, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  expected,
  observed,
  case when is_sensitive then array['target: UNSEEN', 'bucket: SENSITIVE'] else array['target: UNSEEN'] end as factors
from totals
order by window_start, bucket, principal
