/*---
id: log-bucket-unexpected-read
version: 1
title: log bucket read by an unknown reader
severity: medium
severity_rules:
  - high when the reader is anonymous or of an account that is neither own nor trusted
  - low when only the bucket's name says that it holds logs
  - info when the reader already read three or more other log buckets in the seven days before (a log tool being rolled out)
family: logging
sources: [access_log, cloudtrail_data]
tactic: collection
mitre: [T1530, T1654]
window: day
entity: [bucket, principal]
needs_learning: true
learns: The principals that read each log bucket.
params:
  min_keys:
    default: 3
    unit: objects
    description: Different log objects that the reader must have read in the day.
  baseline_days:
    default: 30
    unit: days
    description: A principal that read the bucket in this many days before is known.
  min_active_days:
    default: 5
    unit: days
    description: Days with activity that a bucket needs before its readers count as learned.
  max_new_per_day:
    default: 1
    unit: readers per active day
    description: A bucket that gains more new readers than this is not judged.
  roll_out_peers:
    default: 3
    unit: buckets
    description: Other log buckets that the reader read in the seven days before, from which on it is a roll-out.
description: >-
  A principal that never read this log bucket before read several of its objects. Attackers read CloudTrail and access
  logs to learn what was seen of them, which roles exist and when they are used. The usual readers (SIEM, log tools) are
  learned, and those of log_readers, with bucketwatch itself, are known from the start. The day counts as a whole rather than 15 minutes: slow reading of a log bucket is no better, and a reader that
  is new alerts once either way. A service that reads on behalf of a principal (Athena) counts as that principal.
false_positives:
  - A newly connected SIEM or log tool; one alert, then it is known.
  - An engineer who looks into the logs for the first time; ask them.
known_gaps:
  - A reader that took fewer objects than min_keys on an earlier day becomes known without an alert.
  - The readers of log_readers and the role that bucketwatch reads with are never judged; whoever steals one of them is not seen here.
  - Reads by AWS services under their own name (CloudTrail Lake) are not judged.
  - A log bucket that logs neither its own requests nor data events shows no reader at all.
next_steps:
  - "See what was read: select event_time, key, bytes_out, source_ip, user_agent from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class = 'read' order by event_time."
  - "See who reads the bucket otherwise: select principal, count(*), max(event_time) from s3_events where bucket = '<bucket>' and action_class = 'read' group by principal order by 2 desc."
  - Ask the owner of the principal; for a role, find who assumed it in CloudTrail (AssumeRole with this role's ARN).
  - If nobody expects it, look for what the principal did to trails and logging (trail-tamper-denied, trail-logging-stopped).
references:
  - https://attack.mitre.org/techniques/T1654/
---*/
with
log_buckets as (
  select bucket, is_log, log_since, log_until
  from buckets
  where is_log or is_log_guess
),
reads as (
  select
    date_trunc('day', events.event_time) as window_start,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.principal, events.principal_kind,
    events.principal_account_id, events.is_bucket_owner, events.source_ip, events.user_agent, events.bytes_out, events.row_id,
    log_buckets.is_log
  from s3_events as events
  join log_buckets
    on log_buckets.bucket = events.bucket
    and (log_buckets.log_since is null or events.event_time >= log_buckets.log_since)
    and (log_buckets.log_until is null or events.event_time < log_buckets.log_until)
  where events.action_class = 'read'
    and events.action <> 'HeadObject'
    and events.is_success
    and events.principal_kind not in ('service', 'cloudfront')
    and not exists (select 1 from log_readers where log_readers.principal = events.principal)
),
readers as (
  select
    window_start, bucket, principal,
    max(principal_kind) as principal_kind,
    max(principal_account_id) as principal_account_id,
    bool_or(is_bucket_owner) as is_bucket_owner,
    bool_or(is_log) as is_log,
    max(account_id) as account_id,
    max(region) as region,
    min_by(key, row(event_time, row_id)) as key,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    count(distinct key) as keys,
    cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from reads
  group by window_start, bucket, principal
  having count(distinct key) >= $min_keys
),
tested_buckets as (
  select distinct window_start, bucket
  from readers
),
-- An access-log row and its CloudTrail twin are both in the rollup: the greater of the two, never their sum.
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
    window_start, bucket,
    min(hour) as first_hour,
    count(distinct date_trunc('day', hour)) as active_days,
    sum(requests) as requests
  from history
  group by window_start, bucket
),
known_readers as (
  select
    window_start, bucket, principal,
    min(hour) as first_hour,
    max(hour) as last_hour
  from history
  where action_class = 'read'
    and successes > 0
  group by window_start, bucket, principal
),
reader_counts as (
  select
    bucket_history.window_start, bucket_history.bucket, bucket_history.first_hour, bucket_history.active_days,
    bucket_history.requests,
    count(known_readers.principal) as known_readers,
    sum(case when known_readers.first_hour >= bucket_history.first_hour + settings.learning_days * interval '1' day
      then 1 else 0 end) as later_readers,
    settings.learning_days, settings.learning_min_events
  from bucket_history
  cross join settings
  left join known_readers
    on known_readers.window_start = bucket_history.window_start
    and known_readers.bucket = bucket_history.bucket
  group by bucket_history.window_start, bucket_history.bucket, bucket_history.first_hour, bucket_history.active_days,
    bucket_history.requests, settings.learning_days, settings.learning_min_events
),
roll_outs as (
  select
    readers.window_start, readers.bucket, readers.principal,
    count(distinct activity.bucket) as peers
  from readers
  join activity on activity.principal = readers.principal
  join log_buckets on log_buckets.bucket = activity.bucket
  where activity.bucket <> readers.bucket
    and activity.action_class = 'read'
    and activity.requests > activity.errors
    and activity.hour < readers.window_start
    and activity.hour >= readers.window_start - interval '7' day
  group by readers.window_start, readers.bucket, readers.principal
)
select
  readers.window_start,
  case
    when readers.principal_kind = 'anonymous' then 'high'
    when readers.principal_kind = 'canonical' and not readers.is_bucket_owner then 'high'
    when readers.principal_account_id is not null and accounts.relation is null and settings.has_own_accounts then 'high'
    when coalesce(roll_outs.peers, 0) >= $roll_out_peers then 'info'
    when not readers.is_log then 'low'
    else 'medium'
  end as severity,
  readers.principal || ' read ' || cast(readers.keys as varchar) || ' objects of the log bucket ' || readers.bucket
    || ', which it did not read in the ' || cast($baseline_days as varchar) || ' days before' as summary,
  readers.account_id, readers.region, readers.bucket, readers.key, readers.principal, readers.source_ip, readers.user_agent,
  readers.first_event_at, readers.last_event_at, readers.event_count,
  readers.row_ids as evidence,
  cast(reader_counts.known_readers as varchar) || ' known readers in ' || cast(reader_counts.active_days as varchar)
    || ' active days' as expected,
  cast(readers.keys as varchar) || ' objects, ' || cast(readers.bytes_out as varchar) || ' bytes' as observed,
  cast(date_diff('day', reader_counts.first_hour, readers.window_start) as integer) as history_days,
  case
    when coalesce(roll_outs.peers, 0) >= $roll_out_peers then array['reader: UNSEEN', 'peers: ROLL-OUT']
    else array['reader: UNSEEN']
  end as factors
from readers
cross join settings
join reader_counts
  on reader_counts.window_start = readers.window_start
  and reader_counts.bucket = readers.bucket
left join known_readers
  on known_readers.window_start = readers.window_start
  and known_readers.bucket = readers.bucket
  and known_readers.principal = readers.principal
  and known_readers.last_hour >= readers.window_start - $baseline_days * interval '1' day
left join roll_outs
  on roll_outs.window_start = readers.window_start
  and roll_outs.bucket = readers.bucket
  and roll_outs.principal = readers.principal
left join accounts on accounts.account_id = readers.principal_account_id
where known_readers.principal is null
  and reader_counts.first_hour <= readers.window_start - reader_counts.learning_days * interval '1' day
  and reader_counts.requests >= reader_counts.learning_min_events
  and reader_counts.active_days >= least($min_active_days, reader_counts.learning_days)
  and reader_counts.later_readers <= $max_new_per_day * reader_counts.active_days
order by readers.window_start, readers.bucket, readers.principal
