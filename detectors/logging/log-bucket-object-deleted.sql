/*---
id: log-bucket-object-deleted
version: 1
title: log objects deleted
severity: high
severity_rules:
  - critical when a deleted key lies under CloudTrail/, CloudTrail-Digest/ or CloudTrail-Insight/ of a known log bucket
  - one level lower (medium, high for CloudTrail keys) when only the bucket's name says that it holds logs
family: logging
sources: [access_log, cloudtrail_data]
tactic: defense-evasion
mitre: [T1070, T1562.008]
window: hour
entity: [bucket, principal]
needs_learning: false
params:
  min_objects:
    default: 1
    unit: objects
    description: Deleted objects in an hour, by one principal in one log bucket, from which on to alert.
description: >-
  Someone other than S3's own lifecycle deleted objects from a bucket that holds logs. Logs are removed by expiry rules;
  a person or a program that removes them hides something or breaks the evidence. Deletes of single objects, of versions
  and of every key of a batch count; a batch whose keys no log shows counts by its size. Working files of query engines
  (Athena results, Spark temporary folders) outside AWSLogs/ do not count.
false_positives:
  - A compaction or archiving job that rewrites logs; suppress it by principal and bucket.
  - A bucket that holds logs and other data; name its log part elsewhere or suppress the job that cleans the rest.
known_gaps:
  - A short expiry rule deletes logs without any request; lifecycle-short-expiry-log-bucket watches the rule.
  - With CloudTrail alone and per-key delete records filtered off, the keys of a batch are unknown and their number is an estimate.
  - Refused deletes are not counted here.
next_steps:
  - "List what was deleted: select event_time, key, version_id, source_ip, user_agent from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class = 'delete' order by event_time."
  - Check whether versioning kept the objects (delete markers without a version_id) and restore them; compare with the CloudTrail digests of the same hours.
  - "See what else the principal did just before: select event_time, event_name, source_ip_address from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' order by event_time desc."
  - If nobody owns this change, disable the access key or revoke the role's sessions and put Object Lock on the bucket.
references:
  - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html
  - https://attack.mitre.org/techniques/T1070/
---*/
with
log_buckets as (
  select bucket, is_log, log_since, log_until
  from buckets
  where is_log or is_log_guess
),
deletions as (
  select
    date_trunc('hour', events.event_time) as window_start,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.principal, events.source_ip,
    events.user_agent, events.row_id, events.is_success, log_buckets.is_log,
    coalesce(regexp_like(events.key, '(^|/)CloudTrail(-Digest|-Insight)?/'), false) as is_trail_key,
    coalesce(
      regexp_like(events.key, '(^|/)(_temporary|[.]spark-staging[^/]*|[.]hive-staging[^/]*|athena-results|athena-query-results|query-results)/')
        and not strpos(events.key, 'AWSLogs/') > 0, false) as is_working_file,
    -- A batch delete is its keys where a log shows them (a key may be refused while the batch succeeds), else an estimate.
    case
      when events.action <> 'DeleteObjects' then 1
      when sum(case when events.action <> 'DeleteObjects' then 1 else 0 end)
        over (partition by coalesce(events.request_id, events.row_id)) > 0 then 0
      else greatest(1, least(1000, cast(floor(coalesce(events.bytes_in, 0) / 100.0) as bigint)))
    end as objects
  from s3_events as events
  join log_buckets
    on log_buckets.bucket = events.bucket
    and (log_buckets.log_since is null or events.event_time >= log_buckets.log_since)
    and (log_buckets.log_until is null or events.event_time < log_buckets.log_until)
  where events.action_class = 'delete'
    and events.principal_kind <> 'service'
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
    cast(sum(objects) as bigint) as event_count,
    cast(sum(case when is_trail_key then objects else 0 end) as bigint) as trail_objects,
    bool_or(is_log) as is_log,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from deletions
  where is_success and objects > 0 and not is_working_file
  group by window_start, bucket, principal
)
select
  window_start,
  case
    when is_log and trail_objects > 0 then 'critical'
    when is_log or trail_objects > 0 then 'high'
    else 'medium'
  end as severity,
  principal || ' deleted ' || cast(event_count as varchar) || case when event_count = 1 then ' object' else ' objects' end
    || ' from the log bucket ' || bucket
    || case when trail_objects > 0 then ', ' || cast(trail_objects as varchar) || ' of them CloudTrail logs' else '' end as summary,
  account_id, region, bucket, key, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  cast(null as varchar) as expected,
  cast(null as varchar) as observed,
  cast(null as integer) as history_days,
  case when is_log then array['bucket: LOGS'] else array['bucket: LOGS BY NAME'] end as factors
from totals
where event_count >= $min_objects
order by window_start, bucket, principal
