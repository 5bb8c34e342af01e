/*---
id: exfiltration-then-deletion
version: 1
title: bucket copied out, then deleted
severity: critical
severity_rules:
  - high when those who read and those who deleted are different principals, and nothing was copied to another account
family: exfiltration
sources: [access_log, cloudtrail_data]
tactic: impact
mitre: [T1537, T1485]
window: hour
entity: [bucket]
needs_learning: true
learns: How much each principal reads from each bucket an hour, and how much is deleted there.
params:
  min_deletes:
    default: 10
    unit: objects
    description: Deleted objects of a bucket in an hour, by anybody, from which on to look back.
  delete_factor:
    default: 3
    unit: times the greatest hour
    description: How far the deletes must exceed the bucket's greatest hour of the baseline.
  min_copies:
    default: 10
    unit: copies
    description: Copies into buckets of unknown accounts within the 24 hours before.
  min_reads:
    default: 100
    unit: requests
    description: Reads by one principal in an hour of the 24 hours before, from which on they are judged.
  min_bytes:
    default: 500000000
    unit: bytes
    description: Bytes read by one principal in an hour of the 24 hours before, from which on they are judged.
  read_ratio:
    default: 3
    unit: times the greatest hour
    description: How far reads or bytes must exceed the principal's greatest hour in the bucket.
  baseline_days:
    default: 30
    unit: days
    description: History that reads and deletes are compared with.
description: >-
  Objects of a bucket were deleted, three times as many as in any hour of 30 days, and in the 24 hours before somebody took the bucket: copied objects into
  a bucket of an unknown account, or read far more than ever before (requests or bytes of an hour against the principal's greatest hour there).
  Whoever means to sell data back takes it first and deletes it then. The catalogue asks for ten deletes only; since buckets with clean-ups have them
  every hour, they must also be unusual for the bucket. Working files of Spark, Hive and Athena, lifecycle rules and AWS services do not count.
false_positives:
  - A migration that copies a bucket and then empties it; announce it by a suppression with an end.
known_gaps:
  - Reads at the usual volume before the deletion stay unseen, and so does what was taken more than 24 hours before.
  - The rollups do not tell a server-side copy inside the account from a download.
  - Reading and deleting in the same hour count in the order of the first read and the last delete.
next_steps:
  - "See who took what: select principal, date_trunc('hour', event_time), operation, count(*), sum(bytes_out), min(source_ip) from s3_events where bucket = '<bucket>' and action_class = 'read' group by 1, 2, 3 order by 2 desc."
  - "See who deleted what: select principal, action, count(*), count(version_id), min(event_time), max(event_time) from s3_events where bucket = '<bucket>' and action_class = 'delete' group by principal, action."
  - Stop the deleting principal in the bucket policy, then restore the objects by removing delete markers.
  - Treat what was read as lost; its owner has to know.
references:
  - https://attack.mitre.org/techniques/T1537/
  - https://attack.mitre.org/techniques/T1485/
---*/
with
deletions as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, account_id, region, bucket, key, principal, source_ip, user_agent, row_id, is_success,
    coalesce(regexp_like(key, '(^|/)(_temporary|[.]spark-staging[^/]*|[.]hive-staging[^/]*|athena-results|athena-query-results|query-results)/'),
      false) as is_working_file,
    -- A batch delete is its keys where a log shows them (a key may be refused while the batch succeeds), else an estimate.
    case
      when action <> 'DeleteObjects' then 1
      when sum(case when action <> 'DeleteObjects' then 1 else 0 end) over (partition by coalesce(request_id, row_id)) > 0
        then 0
      else greatest(1, least(1000, cast(floor(coalesce(bytes_in, 0) / 100.0) as bigint)))
    end as objects
  from s3_events
  where action_class = 'delete'
    and bucket is not null
    and principal_kind <> 'service'
    and not is_aws_service
),
bucket_deletes as (
  select
    window_start, bucket,
    date_trunc('day', window_start) as day,
    cast(sum(objects) as bigint) as objects,
    max(account_id) as account_id,
    max(region) as region,
    min_by(key, row(event_time, row_id)) as key,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from deletions
  where is_success and objects > 0 and not is_working_file
  group by window_start, bucket
  having sum(objects) >= $min_deletes
),
deleters as (
  select
    window_start, bucket, principal,
    sum(objects) as objects,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent
  from deletions
  where is_success and objects > 0 and not is_working_file
  group by window_start, bucket, principal
),
tested as (
  select distinct day, bucket
  from bucket_deletes
),
-- An access-log row and its CloudTrail twin are both in the rollup: the greater of the two, never their sum.
hours as (
  select
    activity.bucket, activity.principal, activity.principal_kind, activity.hour, activity.action_class,
    bool_or(activity.is_aws_service) as is_aws_service,
    greatest(max(activity.requests - activity.errors), max(case
      when activity.action_class = 'delete' then cast(floor(activity.bytes_in / 100.0) as bigint)
      else 0
    end)) as objects,
    max(activity.bytes_out) as bytes
  from (select distinct bucket from tested) as tested_buckets
  join activity on activity.bucket = tested_buckets.bucket
  where activity.action_class in ('read', 'delete')
  group by activity.bucket, activity.principal, activity.principal_kind, activity.hour, activity.action_class
),
delete_hours as (
  select bucket, hour, sum(objects) as objects
  from hours
  where action_class = 'delete'
    and principal_kind <> 'service'
  group by bucket, hour
),
habits as (
  select tested.day, tested.bucket, max(delete_hours.objects) as greatest_hour
  from tested
  join delete_hours on delete_hours.bucket = tested.bucket
  where delete_hours.hour < tested.day
    and delete_hours.hour >= tested.day - $baseline_days * interval '1' day
  group by tested.day, tested.bucket
),
bucket_ages as (
  select bucket, min(hour) as first_hour
  from hours
  group by bucket
),
unusual_deletes as (
  select
    bucket_deletes.window_start, bucket_deletes.day, bucket_deletes.bucket, bucket_deletes.objects, bucket_deletes.account_id,
    bucket_deletes.region, bucket_deletes.key, bucket_deletes.first_event_at, bucket_deletes.last_event_at, bucket_deletes.row_ids,
    coalesce(habits.greatest_hour, 0) as greatest_hour, bucket_ages.first_hour,
    coalesce(bucket_ages.first_hour <= bucket_deletes.day - settings.learning_days * interval '1' day, false) as is_learned
  from bucket_deletes
  cross join settings
  left join habits
    on habits.day = bucket_deletes.day
    and habits.bucket = bucket_deletes.bucket
  left join bucket_ages on bucket_ages.bucket = bucket_deletes.bucket
  where bucket_deletes.objects >= $delete_factor * coalesce(habits.greatest_hour, 0)
),
-- Hours of the 24 before (and the hour itself) in which a principal read far more than in any hour of the days before.
read_hours as (
  select unusual_deletes.window_start, unusual_deletes.bucket, hours.principal, hours.hour, hours.objects, hours.bytes
  from unusual_deletes
  join hours
    on hours.bucket = unusual_deletes.bucket
    and hours.hour <= unusual_deletes.window_start
    and hours.hour >= unusual_deletes.window_start - interval '24' hour
  left join buckets on buckets.bucket = hours.bucket
  where unusual_deletes.is_learned
    and hours.action_class = 'read'
    and not hours.is_aws_service
    and hours.principal_kind not in ('service', 'cloudfront', 'unauthenticated')
    and not coalesce(buckets.is_public, false)
    and (hours.objects >= $min_reads or hours.bytes >= $min_bytes)
),
read_habits as (
  select
    read_hours.window_start, read_hours.bucket, read_hours.principal, read_hours.hour,
    max(hours.objects) as greatest_objects,
    max(hours.bytes) as greatest_bytes
  from read_hours
  join hours
    on hours.bucket = read_hours.bucket
    and hours.principal = read_hours.principal
    and hours.hour < date_trunc('day', read_hours.hour)
    and hours.hour >= date_trunc('day', read_hours.hour) - $baseline_days * interval '1' day
  where hours.action_class = 'read'
  group by read_hours.window_start, read_hours.bucket, read_hours.principal, read_hours.hour
),
-- When the reads of the delete's own hour began; those of earlier hours came before it anyway.
same_hour_reads as (
  select unusual_deletes.window_start, unusual_deletes.bucket, events.principal, min(events.event_time) as first_read_at
  from unusual_deletes
  join s3_events as events
    on events.bucket = unusual_deletes.bucket
    and date_trunc('hour', events.event_time) = unusual_deletes.window_start
  where events.action_class = 'read'
    and events.is_success
  group by unusual_deletes.window_start, unusual_deletes.bucket, events.principal
),
takes as (
  select
    read_hours.window_start, read_hours.bucket, read_hours.principal, read_hours.hour, read_hours.objects, read_hours.bytes,
    false as is_copy
  from read_hours
  join unusual_deletes
    on unusual_deletes.window_start = read_hours.window_start
    and unusual_deletes.bucket = read_hours.bucket
  left join read_habits
    on read_habits.window_start = read_hours.window_start
    and read_habits.bucket = read_hours.bucket
    and read_habits.principal = read_hours.principal
    and read_habits.hour = read_hours.hour
  left join same_hour_reads
    on same_hour_reads.window_start = read_hours.window_start
    and same_hour_reads.bucket = read_hours.bucket
    and same_hour_reads.principal = read_hours.principal
  where ((read_hours.objects >= $min_reads and read_hours.objects >= $read_ratio * coalesce(read_habits.greatest_objects, 0))
      or (read_hours.bytes >= $min_bytes and read_hours.bytes >= $read_ratio * coalesce(read_habits.greatest_bytes, 0)))
    and (read_hours.hour < read_hours.window_start or same_hour_reads.first_read_at < unusual_deletes.last_event_at)
),
trail_copies as (
  select event_time, principal, request_id, bucket_account_id,
    replace(replace(regexp_extract(request_parameters, '"x-amz-copy-source":\[?"/?([^"]*)"', 1), '%2F', '/'), '%2f', '/') as copied
  from cloudtrail
  where event_name in ('CopyObject', 'UploadPartCopy')
    and is_success
  union all
  select event_time, principal, request_id, bucket_account_id,
    replace(replace(regexp_extract(request_parameters, '"x-amz-copy-source":\[?"/?([^"]*)"', 1), '%2F', '/'), '%2f', '/')
  from earlier_cloudtrail
  where event_name in ('CopyObject', 'UploadPartCopy')
    and is_success
),
-- Callers of unknown accounts, which the rollup knows: without one the day before is not read.
strangers as (
  select distinct activity.principal
  from activity
  cross join settings
  left join accounts on accounts.account_id = activity.principal_account_id
  where settings.has_own_accounts
    and activity.source = 'access_log'
    and activity.action_class = 'read'
    and activity.principal_account_id is not null
    and accounts.relation is null
),
strange_reads as (
  select event_time, principal, request_id, bucket, is_bucket_owner, principal_kind, principal_account_id
  from s3_events
  where operation in ('REST.COPY.OBJECT_GET', 'REST.COPY.PART_GET')
    and is_success
  union all
  select events.event_time, events.principal, events.request_id, events.bucket, false, events.principal_kind,
    case when regexp_like(split_part(events.principal, ':', 5), '^[0-9]{12}$') then split_part(events.principal, ':', 5) end
  from earlier_events as events
  join strangers on strangers.principal = events.principal
  where regexp_extract(events.operation, '^(REST.COPY.OBJECT_GET|REST.COPY.PART_GET)$', 1) <> ''
    and events.bucket in (select bucket from unusual_deletes)
    and events.is_success
    and events.principal_kind <> 'canonical'
),
outward_copies as (
  select
    case
      when starts_with(trail_copies.copied, 'arn:') then regexp_extract(trail_copies.copied, '^arn:[^/]*[:/]([^/:]+)/object/', 1)
      else split_part(trail_copies.copied, '/', 1)
    end as bucket,
    trail_copies.event_time, trail_copies.principal, trail_copies.request_id
  from trail_copies
  cross join settings
  left join accounts on accounts.account_id = trail_copies.bucket_account_id
  where settings.has_own_accounts
    and accounts.relation is null
    and regexp_like(trail_copies.bucket_account_id, '^[0-9]{12}$')
  union
  select strange_reads.bucket, strange_reads.event_time, strange_reads.principal, strange_reads.request_id
  from strange_reads
  cross join settings
  left join accounts on accounts.account_id = strange_reads.principal_account_id
  where settings.has_own_accounts
    and accounts.relation is null
    and not coalesce(strange_reads.is_bucket_owner, false)
    and (strange_reads.principal_account_id is not null or strange_reads.principal_kind = 'canonical')
),
copy_takes as (
  select
    unusual_deletes.window_start, unusual_deletes.bucket, outward_copies.principal,
    max(date_trunc('hour', outward_copies.event_time)) as hour,
    count(distinct outward_copies.request_id) as objects
  from unusual_deletes
  join outward_copies
    on outward_copies.bucket = unusual_deletes.bucket
    and outward_copies.event_time < unusual_deletes.last_event_at
    and outward_copies.event_time >= unusual_deletes.first_event_at - interval '24' hour
  group by unusual_deletes.window_start, unusual_deletes.bucket, outward_copies.principal
  having count(distinct outward_copies.request_id) >= $min_copies
),
all_takes as (
  select window_start, bucket, principal, hour, objects, bytes, is_copy from takes
  union all
  select window_start, bucket, principal, hour, objects, 0, true from copy_takes
),
verdicts as (
  select
    all_takes.window_start, all_takes.bucket,
    bool_or(all_takes.is_copy) as is_copy,
    bool_or(deleters.principal is not null) as is_same,
    max_by(all_takes.principal, row(all_takes.is_copy, deleters.principal is not null, all_takes.objects, all_takes.principal)) as taker,
    max_by(all_takes.objects, row(all_takes.is_copy, deleters.principal is not null, all_takes.objects, all_takes.principal)) as objects,
    max_by(all_takes.bytes, row(all_takes.is_copy, deleters.principal is not null, all_takes.objects, all_takes.principal)) as bytes,
    max_by(all_takes.hour, row(all_takes.is_copy, deleters.principal is not null, all_takes.objects, all_takes.principal)) as hour
  from all_takes
  left join deleters
    on deleters.window_start = all_takes.window_start
    and deleters.bucket = all_takes.bucket
    and deleters.principal = all_takes.principal
  group by all_takes.window_start, all_takes.bucket
),
main_deleters as (
  select
    window_start, bucket,
    max_by(principal, row(objects, principal)) as principal,
    max_by(source_ip, row(objects, principal)) as source_ip,
    max_by(user_agent, row(objects, principal)) as user_agent
  from deleters
  group by window_start, bucket
)
select
  unusual_deletes.window_start,
  case when verdicts.is_copy or verdicts.is_same then 'critical' else 'high' end as severity,
  main_deleters.principal || ' deleted ' || cast(unusual_deletes.objects as varchar) || ' objects of the bucket '
    || unusual_deletes.bucket || ' within an hour, after '
    || case
      when verdicts.taker = main_deleters.principal then 'it'
      else verdicts.taker
    end
    || case
      when verdicts.is_copy then ' copied ' || cast(verdicts.objects as varchar) || ' to an unknown account'
      else ' read ' || cast(verdicts.objects as varchar) || ' times (' || cast(cast(verdicts.bytes / 1e6 as decimal(18, 0)) as varchar)
        || ' MB), far more than before'
    end as summary,
  unusual_deletes.account_id, unusual_deletes.region, unusual_deletes.bucket, unusual_deletes.key, main_deleters.principal,
  main_deleters.source_ip, main_deleters.user_agent, unusual_deletes.first_event_at, unusual_deletes.last_event_at,
  unusual_deletes.objects as event_count,
  unusual_deletes.row_ids as evidence,
  'at most ' || cast(unusual_deletes.greatest_hour as varchar) || ' deletes in an hour of the bucket' as expected,
  cast(unusual_deletes.objects as varchar) || ' deletes, '
    || cast(date_diff('hour', verdicts.hour, unusual_deletes.window_start) as varchar) || ' hours after the reads' as observed,
  cast(date_diff('day', unusual_deletes.first_hour, unusual_deletes.window_start) as integer) as history_days,
  filter(array[
    case when verdicts.is_copy then 'copies: OTHER ACCOUNT' else 'reads: RARE' end,
    'deletes: RARE',
    case when verdicts.is_same then 'principal: THE SAME' end
  ], factor -> factor is not null) as factors
from unusual_deletes
join verdicts
  on verdicts.window_start = unusual_deletes.window_start
  and verdicts.bucket = unusual_deletes.bucket
join main_deleters
  on main_deleters.window_start = unusual_deletes.window_start
  and main_deleters.bucket = unusual_deletes.bucket
order by unusual_deletes.window_start, unusual_deletes.bucket
