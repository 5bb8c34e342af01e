/*---
id: log-bucket-unexpected-write
version: 1
title: someone other than log delivery wrote to a log bucket
severity: high
severity_rules:
  - one level lower (medium) when only the bucket's name says that it holds logs
  - medium while the bucket is being learned, and then only for writes below AWSLogs/; other writes are quiet until it is learned
family: logging
sources: [access_log, cloudtrail_data]
tactic: impact
mitre: [T1565.001, T1562.008]
window: hour
entity: [bucket, principal]
needs_learning: true
learns: The principals that write to each log bucket.
params:
  min_writes:
    default: 1
    unit: requests
    description: Writes in an hour, by one principal to one log bucket, from which on to alert; 5 suits noisy buckets.
  learned_after_days:
    default: 14
    unit: days
    description: A writer is known this many days after its first write, if it also wrote on min_known_days days.
  min_known_days:
    default: 3
    unit: days
    description: Different days on which a known writer must have written.
  min_active_days:
    default: 5
    unit: days
    description: Days with activity that a bucket needs before its writers count as learned.
description: >-
  A principal that is neither an AWS log-delivery service nor a known writer put, copied or posted objects into a bucket
  that holds logs. Forged or overwritten log objects hide what happened. Writers that were there while the bucket was being
  learned are known; later ones become known after learned_after_days. Working files of query engines (Athena results,
  Spark temporary folders) outside AWSLogs/ do not count.
false_positives:
  - A custom log shipper that started after the learning period; suppress it or wait until it is known.
  - A load balancer of a new region, whose delivery account is new to the bucket.
  - A bucket that holds logs and other data.
known_gaps:
  - A delivery session is told by its name, which a caller can choose; it is accepted only from accounts that are not your own and only below AWSLogs/.
  - Calls that an AWS service makes on behalf of a principal are not judged, and only CloudTrail shows them as such.
  - A forger who writes slowly for learned_after_days becomes known; each of those days alerts.
next_steps:
  - "List what was written: select event_time, action, key, bytes_in, source_ip, user_agent from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class = 'write' order by event_time."
  - Compare the written keys with the versions before them; validate CloudTrail objects with aws cloudtrail validate-logs.
  - "See whether the principal also read or deleted logs: select action, count(*) from s3_events where bucket = '<bucket>' and principal = '<principal>' group by action."
  - Restrict s3:PutObject in the bucket policy to the delivery services, with aws:SourceArn.
references:
  - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html
  - https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
---*/
with
log_buckets as (
  select bucket, is_log, log_since, log_until
  from buckets
  where is_log or is_log_guess
),
writes as (
  select
    date_trunc('hour', events.event_time) as window_start,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.principal, events.source_ip,
    events.user_agent, events.row_id, log_buckets.is_log,
    coalesce(regexp_like(events.key, '(^|/)AWSLogs/'), false) as is_delivery_key
  from s3_events as events
  join log_buckets
    on log_buckets.bucket = events.bucket
    and (log_buckets.log_since is null or events.event_time >= log_buckets.log_since)
    and (log_buckets.log_until is null or events.event_time < log_buckets.log_until)
  left join accounts on accounts.account_id = events.principal_account_id
  where events.action in ('PutObject', 'PostObject', 'CopyObject', 'UploadPart', 'UploadPartCopy',
      'CompleteMultipartUpload', 'RenameObject', 'UpdateObjectEncryption')
    and events.is_success
    and events.principal_kind not in ('service', 'cloudfront')
    and not events.is_aws_service
    and not coalesce(
      regexp_like(events.principal_raw, '[/:](awslogsdelivery|regionalDeliverySession)')
        and coalesce(accounts.relation, 'none') <> 'own'
        and strpos(events.key, 'AWSLogs/') > 0, false)
    and not coalesce(
      regexp_like(events.key, '(^|/)(_temporary|[.]spark-staging[^/]*|[.]hive-staging[^/]*|athena-results|athena-query-results|query-results)/')
        and not strpos(events.key, 'AWSLogs/') > 0, false)
),
writers as (
  select
    window_start, bucket, principal,
    bool_or(is_log) as is_log,
    bool_or(is_delivery_key) as has_delivery_key,
    max(account_id) as account_id,
    max(region) as region,
    min_by(key, row(event_time, row_id)) as key,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    count(distinct key) as keys,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from writes
  group by window_start, bucket, principal
  having count(*) >= $min_writes
),
tested_buckets as (
  select distinct window_start, bucket
  from writers
),
history as (
  select
    tested_buckets.window_start, tested_buckets.bucket, activity.hour, activity.principal, activity.action_class,
    max(activity.requests) as requests,
    max(activity.requests - activity.errors) as successes
  from tested_buckets
  join activity on activity.bucket = tested_buckets.bucket
  where activity.hour < tested_buckets.window_start
    and activity.hour >= tested_buckets.window_start - interval '90' day
  group by tested_buckets.window_start, tested_buckets.bucket, activity.hour, activity.principal, activity.action_class
),
bucket_history as (
  select
    history.window_start, history.bucket,
    min(history.hour) as first_hour,
    count(distinct date_trunc('day', history.hour)) as active_days,
    sum(history.requests) as requests
  from history
  group by history.window_start, history.bucket
),
learned_buckets as (
  select
    bucket_history.window_start, bucket_history.bucket, bucket_history.first_hour,
    bucket_history.first_hour + settings.learning_days * interval '1' day as learned_at
  from bucket_history
  cross join settings
  where bucket_history.first_hour <= bucket_history.window_start - settings.learning_days * interval '1' day
    and bucket_history.requests >= settings.learning_min_events
    and bucket_history.active_days >= least($min_active_days, settings.learning_days)
),
writer_history as (
  select
    window_start, bucket, principal,
    min(hour) as first_hour,
    count(distinct date_trunc('day', hour)) as write_days
  from history
  where action_class = 'write'
    and successes > 0
  group by window_start, bucket, principal
),
known_writers as (
  select writer_history.window_start, writer_history.bucket, writer_history.principal
  from writer_history
  join learned_buckets
    on learned_buckets.window_start = writer_history.window_start
    and learned_buckets.bucket = writer_history.bucket
  where writer_history.first_hour < learned_buckets.learned_at
    or (writer_history.first_hour <= writer_history.window_start - $learned_after_days * interval '1' day
      and writer_history.write_days >= $min_known_days)
)
select
  writers.window_start,
  case
    when learned_buckets.bucket is null or not writers.is_log then 'medium'
    else 'high'
  end as severity,
  writers.principal || ' wrote ' || cast(writers.event_count as varchar)
    || case when writers.event_count = 1 then ' time' else ' times' end || ' to the log bucket ' || writers.bucket
    || case when writers.has_delivery_key then ', below AWSLogs/' else '' end as summary,
  writers.account_id, writers.region, writers.bucket, writers.key, writers.principal, writers.source_ip, writers.user_agent,
  writers.first_event_at, writers.last_event_at, writers.event_count,
  writers.row_ids as evidence,
  'log-delivery services and known writers' as expected,
  cast(writers.event_count as varchar) || ' writes to ' || cast(writers.keys as varchar) || ' keys' as observed,
  cast(date_diff('day', learned_buckets.first_hour, writers.window_start) as integer) as history_days,
  case
    when learned_buckets.bucket is null then array['bucket: LEARNING']
    when writer_history.principal is null then array['writer: UNSEEN']
    else array['writer: RARE']
  end as factors
from writers
left join learned_buckets
  on learned_buckets.window_start = writers.window_start
  and learned_buckets.bucket = writers.bucket
left join known_writers
  on known_writers.window_start = writers.window_start
  and known_writers.bucket = writers.bucket
  and known_writers.principal = writers.principal
left join writer_history
  on writer_history.window_start = writers.window_start
  and writer_history.bucket = writers.bucket
  and writer_history.principal = writers.principal
where known_writers.principal is null
  and (learned_buckets.bucket is not null or (writers.is_log and writers.has_delivery_key))
order by writers.window_start, writers.bucket, writers.principal
