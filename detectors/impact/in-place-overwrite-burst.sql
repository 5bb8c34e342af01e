/*---
id: in-place-overwrite-burst
version: 1
title: objects read and then overwritten in place
severity: high
severity_rules:
  - low when the principal wrote as much to the bucket in some hour of the baseline (rewriting is its work)
family: impact
sources: [access_log, cloudtrail_data]
tactic: impact
mitre: [T1486, T1565.001]
window: hour
entity: [bucket, principal]
needs_learning: false
params:
  min_objects:
    default: 20
    unit: objects
    description: Different keys that one principal reads and then overwrites in one bucket within an hour, from which on to alert.
  baseline_days:
    default: 30
    unit: days
    description: History of the principal's writes to the bucket that makes as many usual.
description: >-
  One principal read many objects of a bucket and wrote the same keys again in the same hour or the next, or copied them onto
  themselves. That is how objects are encrypted in place by whoever holds a key but not the account. A read proves that the key existed;
  keys that it wrote in the hour before it first read them do not count. The catalogue also counts overwrites without a read
  when the encryption changed; the sse-c and kms detectors see those. A principal that wrote as many objects in some other hour is lowered, for
  programs that keep their state in S3 read and write the same keys all day.
false_positives:
  - A job that re-encrypts objects, changes their storage class or repairs metadata in place; suppress its principal while it runs.
  - A new deployment of a program that keeps its state in S3.
known_gaps:
  - Objects that are read by one principal and overwritten by another are not matched.
  - New keys beside the old ones that are then deleted are no overwrite; mass-object-delete sees the deletes.
  - CloudTrail alone shows copies onto themselves, reads and writes only when data events of both kinds are recorded.
next_steps:
  - "See the overwritten keys: select key, min(event_time), max(event_time), count(*) from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class in ('read', 'write') group by key having count(distinct action_class) = 2 order by 2."
  - Open one of the objects. If it is no longer what it was, stop the principal first (deny it in the bucket policy), then look further.
  - With versioning on, restore the versions before the first event; if not, look for replicas and backups.
  - Look for keys of other accounts or of the caller (foreign-kms-key-encryption, sse-c-mass-encryption).
references:
  - https://attack.mitre.org/techniques/T1486/
  - https://attack.mitre.org/techniques/T1565/001/
---*/
with
writes as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, account_id, region, bucket, key, principal, source_ip, user_agent, row_id
  from s3_events
  where action in ('PutObject', 'PostObject', 'CopyObject', 'CompleteMultipartUpload')
    and is_success
    and key is not null
    and bucket is not null
    and principal_kind not in ('service', 'cloudfront')
    and not is_aws_service
),
-- Few principals write so much; only their reads, of the keys they wrote, are looked for.
writers as (
  select window_start, bucket, principal
  from writes
  group by window_start, bucket, principal
  having count(*) >= $min_objects
),
written as (
  select
    writes.window_start, writes.bucket, writes.principal, writes.key,
    min(writes.event_time) as first_write_at
  from writers
  join writes
    on writes.window_start = writers.window_start
    and writes.bucket = writers.bucket
    and writes.principal = writers.principal
  group by writes.window_start, writes.bucket, writes.principal, writes.key
),
written_keys as (
  select distinct bucket, principal, key
  from written
),
reads as (
  select events.bucket, events.key, events.principal, events.event_time
  from written_keys
  join s3_events as events
    on events.bucket = written_keys.bucket
    and events.principal = written_keys.principal
    and events.key = written_keys.key
  where events.action = 'GetObject'
    and events.is_success
  union all
  select events.bucket, events.key, events.principal, events.event_time
  from written_keys
  join earlier_events as events
    on events.bucket = written_keys.bucket
    and events.principal = written_keys.principal
    and events.key = written_keys.key
  where events.action = 'GetObject'
    and events.is_success
    and events.event_time >= cast($from as timestamp) - interval '1' hour
  union all
  -- Copies onto themselves, which CloudTrail shows without a read.
  select bucket, key, principal, event_time
  from cloudtrail
  where event_name = 'CopyObject'
    and is_success
    and key is not null
    and regexp_extract(replace(replace(request_parameters, '%2F', '/'), '%2f', '/'), '"x-amz-copy-source":\[?"/?([^"?]*)', 1) = bucket || '/' || key
),
-- A read stands for its hour and the one after it.
read_hours as (
  select
    date_trunc('hour', reads.event_time) + later.hours * interval '1' hour as window_start,
    reads.bucket, reads.principal, reads.key,
    min(reads.event_time) as read_at
  from reads
  cross join (values (0), (1)) as later(hours)
  group by date_trunc('hour', reads.event_time) + later.hours * interval '1' hour, reads.bucket, reads.principal, reads.key
),
overwritten as (
  select written.window_start, written.bucket, written.principal, written.key, written.first_write_at
  from written
  join read_hours
    on read_hours.window_start = written.window_start
    and read_hours.bucket = written.bucket
    and read_hours.principal = written.principal
    and read_hours.key = written.key
  where read_hours.read_at <= written.first_write_at
),
bursts as (
  select window_start, bucket, principal, count(*) as objects
  from overwritten
  group by window_start, bucket, principal
  having count(*) >= $min_objects
),
totals as (
  select
    bursts.window_start, bursts.bucket, bursts.principal, bursts.objects,
    max(writes.account_id) as account_id,
    max(writes.region) as region,
    min_by(writes.key, row(writes.event_time, writes.row_id)) as key,
    min_by(writes.source_ip, row(writes.event_time, writes.row_id)) as source_ip,
    min_by(writes.user_agent, row(writes.event_time, writes.row_id)) as user_agent,
    min(writes.event_time) as first_event_at,
    max(writes.event_time) as last_event_at,
    count(*) as event_count,
    min_by(writes.row_id, row(writes.event_time, writes.row_id), 10) as row_ids
  from bursts
  join overwritten
    on overwritten.window_start = bursts.window_start
    and overwritten.bucket = bursts.bucket
    and overwritten.principal = bursts.principal
  join writes
    on writes.window_start = overwritten.window_start
    and writes.bucket = overwritten.bucket
    and writes.principal = overwritten.principal
    and writes.key = overwritten.key
    and writes.event_time = overwritten.first_write_at
  group by bursts.window_start, bursts.bucket, bursts.principal, bursts.objects
),
-- An access-log row and its CloudTrail twin are both in the rollup: the greater of the two, never their sum.
history as (
  select
    totals.window_start, totals.bucket, totals.principal,
    max(activity.requests - activity.errors) as greatest_hour,
    min(activity.hour) as first_hour
  from totals
  join activity
    on activity.bucket = totals.bucket
    and activity.principal = totals.principal
  where activity.action_class = 'write'
    and activity.hour < date_trunc('day', totals.window_start)
    and activity.hour >= totals.window_start - $baseline_days * interval '1' day
  group by totals.window_start, totals.bucket, totals.principal
)
select
  totals.window_start,
  case when coalesce(history.greatest_hour, 0) >= totals.objects then 'low' else 'high' end as severity,
  totals.principal || ' read ' || cast(totals.objects as varchar) || ' objects of the bucket ' || totals.bucket
    || ' and overwrote them in place within an hour' as summary,
  totals.account_id, totals.region, totals.bucket, totals.key, totals.principal, totals.source_ip, totals.user_agent,
  totals.first_event_at, totals.last_event_at, totals.event_count,
  totals.row_ids as evidence,
  'at most ' || cast(coalesce(history.greatest_hour, 0) as varchar) || ' writes by it in an hour of '
    || cast($baseline_days as varchar) || ' days' as expected,
  cast(totals.objects as varchar) || ' objects overwritten' as observed,
  cast(date_diff('day', history.first_hour, totals.window_start) as integer) as history_days,
  array[case
    when history.principal is null then 'writes of this principal: UNSEEN'
    when history.greatest_hour >= totals.objects then 'writes of this principal: FREQUENT'
    else 'volume: RARE'
  end] as factors
from totals
left join history
  on history.window_start = totals.window_start
  and history.bucket = totals.bucket
  and history.principal = totals.principal
order by totals.window_start, totals.bucket, totals.principal
