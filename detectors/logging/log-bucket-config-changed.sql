/*---
id: log-bucket-config-changed
version: 1
title: configuration of a log bucket changed
severity: high
severity_rules:
  - medium when only the bucket's name says that it holds logs
family: logging
sources: [cloudtrail_management]
tactic: defense-evasion
mitre: [T1562.008]
window: hour
entity: [bucket, principal]
needs_learning: false
params: {}
description: >-
  The policy, ACL, lifecycle, encryption, versioning, replication, Block Public Access, Object Lock, ownership, logging or
  notifications of a log bucket were set or deleted. Log buckets are set up once; whoever changes them later can delete,
  hide or leak the logs. A call that sets a known value again does not count.
false_positives:
  - Planned work on the log bucket; suppress the role with an entry that expires.
  - Infrastructure as code that applies the same settings again; quiet where the earlier value has been seen.
  - A new log bucket that is being set up; quiet while logs have been delivered to it for less than a day.
known_gaps:
  - ACLs, ownership, CORS and notifications are not remembered, so each call counts even if it changes nothing.
  - What the change means is judged by the detectors of each setting; this one says that the bucket was touched.
  - A bucket is known as a log bucket by its configuration, by what writes there, or by its name.
next_steps:
  - "See who it was and what else they did: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' and not read_only order by event_time desc limit 50."
  - "Read the calls: select event_time, event_name, principal, request_parameters from cloudtrail where bucket = '<bucket>' and not read_only order by event_time desc limit 20."
  - "See whether logs are missing: select date_trunc('hour', event_time) as hour, count(*) from s3_events where bucket = '<bucket>' and action_class in ('write', 'delete') group by hour order by hour desc."
  - If nobody owns the change, put the earlier setting back and revoke the sessions of the principal.
references:
  - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html
  - https://attack.mitre.org/techniques/T1562/008/
---*/
with
log_buckets as (
  select bucket, is_log, log_since
  from buckets
  where is_log or is_log_guess
),
-- Calls that left every setting as it was; those of which nothing was known before are not among them.
repetitions as (
  select row_id
  from control_changes
  group by row_id
  having bool_and(coalesce(previous_value = new_value, false))
),
touched as (
  select
    date_trunc('hour', changes.event_time) as window_start,
    changes.row_id, changes.event_time, changes.event_name, coalesce(changes.bucket_account_id, changes.recipient_account_id) as account_id,
    changes.aws_region as region, changes.bucket, changes.principal, changes.source_ip_address as source_ip, changes.user_agent,
    log_buckets.is_log
  from cloudtrail as changes
  join log_buckets on log_buckets.bucket = changes.bucket
  left join repetitions on repetitions.row_id = changes.row_id
  where changes.event_time >= $from
    and changes.event_time < $to
    and changes.event_source = 's3.amazonaws.com'
    and regexp_like(changes.event_name, '^(Put|Delete)Bucket(Policy|Acl|Lifecycle|LifecycleConfiguration|Encryption|Versioning|Replication|PublicAccessBlock|ObjectLockConfiguration|OwnershipControls|Logging|Notification|NotificationConfiguration)$')
    and changes.is_success
    and not changes.is_aws_service
    and repetitions.row_id is null
    and (not log_buckets.is_log or log_buckets.log_since is null or log_buckets.log_since < changes.event_time - interval '1' day)
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
    count(distinct event_name) as calls,
    min_by(event_name, row(event_time, row_id)) as event_name,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    array_agg(distinct event_name order by event_name) as event_names,
    bool_or(is_log) as is_log
  from touched
  group by window_start, bucket, principal
)
select
  window_start,
  case when is_log then 'high' else 'medium' end as severity,
  principal || ' called ' || event_name || case when calls > 1 then ' and ' || cast(calls - 1 as varchar) || ' more' else '' end
    || ' on the log bucket ' || bucket as summary,
  account_id, region, bucket, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  array_join(event_names, ', ') as observed,
  case when is_log then array['bucket: LOGS'] else array['bucket: LOGS BY NAME'] end as factors
from totals
order by window_start, bucket, principal
