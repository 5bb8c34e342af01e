/*---
id: mass-object-delete
version: 1
title: mass object deletion
severity: high
severity_rules:
  - high when the bucket is known and the number is unusual for it, either unusual_factor times its greatest hour of deletes in the baseline or more, or share_factor times that hour and unusual_share of all its object requests of the baseline
  - medium when the bucket has too little history and the number reaches unlearned_objects, or other buckets have enough history and this one was silent
  - low otherwise (the bare number, in a bucket where as much is usual or nothing is known yet)
family: impact
sources: [access_log, cloudtrail_data]
tactic: impact
mitre: [T1485]
window: hour
entity: [bucket, principal]
needs_learning: false
params:
  min_objects:
    default: 50
    unit: objects
    description: Deleted objects in an hour, by one principal in one bucket, from which on to alert.
  baseline_days:
    default: 30
    unit: days
    description: History of the bucket that the number is compared with.
  unusual_factor:
    default: 3
    unit: times the greatest hour
    description: How far the deletes must exceed the bucket's greatest hour of the baseline to be unusual.
  unusual_share:
    default: 0.1
    unit: share of requests
    description: Deletes as a share of the bucket's reads and writes of the baseline that are unusual.
  share_factor:
    default: 1.5
    unit: times the greatest hour
    description: How far the deletes must exceed the bucket's greatest hour before their share is looked at.
  unlearned_objects:
    default: 1000
    unit: objects
    description: Deleted objects that raise the severity to medium in a bucket without enough history.
description: >-
  One principal deleted many objects of one bucket within an hour. Objects are counted, not requests: every key of a batch
  delete counts once, refused keys do not count, and a batch whose keys no log shows is estimated from its size (about 100
  bytes a key). Lifecycle expirations, AWS services and working files of Spark, Hive and Athena do not count. The
  catalogue compares with the keys that were active in 30 days; the rollups hold no keys, so the number of reads and
  writes stands in for it: a share of the requests is never more than the same share of the keys. A bucket that is used
  on few days is known as soon as its first request is old enough, for archives are what must not be lost.
false_positives:
  - Clean-up jobs, compaction and tests that delete what they wrote; they become low as soon as the bucket's history shows it.
  - Emptying a bucket before it is removed.
known_gaps:
  - Deletes spread over hours or over many principals stay below the number; delete-anomaly and object-version-purge help there.
  - Deleting by a short expiry rule makes no requests; lifecycle-short-expiry watches the rule.
  - A key whose folder is named like a working folder (_temporary/ and the like) is not counted.
next_steps:
  - "See what was deleted and how: select action, count(*), count(version_id), min(event_time), max(event_time), min(key), max(key) from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class = 'delete' group by action."
  - Check versioning. Deletes without a version_id left delete markers that can be removed; deletes with one are final.
  - "See what the principal read before deleting: select date_trunc('hour', event_time), action_class, count(*), sum(bytes_out) from s3_events where bucket = '<bucket>' and principal = '<principal>' group by 1, 2 order by 1."
  - If it is not a known job, deny the principal in the bucket policy, then rotate its credentials.
references:
  - https://attack.mitre.org/techniques/T1485/
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
---*/
with
deletions as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, account_id, region, bucket, key, principal, source_ip, user_agent, row_id, version_id, is_success,
    coalesce(regexp_like(key, '(^|/)(_temporary|[.]spark-staging[^/]*|[.]hive-staging[^/]*|athena-results|athena-query-results|query-results)/'),
      false) as is_working_file,
    -- A batch delete is its keys where a log shows them (a key may be refused while the batch succeeds), else an estimate.
    case
      when action <> 'DeleteObjects' then 1
      when sum(case when action <> 'DeleteObjects' then 1 else 0 end) over (partition by coalesce(request_id, row_id)) > 0
        then 0
      else greatest(1, least(1000, cast(floor(coalesce(bytes_in, 0) / 100.0) as bigint)))
    end as objects,
    action = 'DeleteObjects' as is_batch
  from s3_events
  where action_class = 'delete'
    and bucket is not null
    and principal_kind <> 'service'
    and not is_aws_service
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
    cast(sum(objects) as bigint) as objects,
    bool_or(is_batch) as is_estimate,
    sum(case when version_id is not null then objects else 0 end) as versions,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from deletions
  where is_success and objects > 0 and not is_working_file
  group by window_start, bucket, principal
  having sum(objects) >= $min_objects
),
tested_buckets as (
  select distinct window_start, bucket
  from totals
),
-- An access-log row and its CloudTrail twin are both in the rollup: the greater of the two, never their sum. CloudTrail
-- may hold a batch as one row; its size then tells about how many keys it had.
history as (
  select
    tested_buckets.window_start, tested_buckets.bucket, activity.hour, activity.principal, activity.action_class,
    greatest(max(activity.requests - activity.errors), max(case
      when activity.action_class = 'delete' then cast(floor(activity.bytes_in / 100.0) as bigint)
      else 0
    end)) as objects
  from tested_buckets
  join activity on activity.bucket = tested_buckets.bucket
  where activity.hour < tested_buckets.window_start
    and activity.hour >= tested_buckets.window_start - interval '90' day
    and activity.principal_kind <> 'service'
  group by tested_buckets.window_start, tested_buckets.bucket, activity.hour, activity.principal, activity.action_class
),
bucket_hours as (
  select
    window_start, bucket, hour,
    sum(case when action_class = 'delete' then objects else 0 end) as deletes,
    sum(case when action_class in ('read', 'write') then objects else 0 end) as uses
  from history
  group by window_start, bucket, hour
),
bucket_history as (
  select
    bucket_hours.window_start, bucket_hours.bucket,
    min(bucket_hours.hour) as first_hour,
    cast(max(case when bucket_hours.hour >= bucket_hours.window_start - $baseline_days * interval '1' day
      then bucket_hours.deletes else 0 end) as bigint) as greatest_hour,
    cast(sum(case when bucket_hours.hour >= bucket_hours.window_start - $baseline_days * interval '1' day
      then bucket_hours.uses else 0 end) as bigint) as uses
  from bucket_hours
  group by bucket_hours.window_start, bucket_hours.bucket
),
learned_buckets as (
  select
    bucket_history.window_start, bucket_history.bucket, bucket_history.first_hour, bucket_history.greatest_hour,
    bucket_history.uses
  from bucket_history
  cross join settings
  where bucket_history.first_hour <= bucket_history.window_start - settings.learning_days * interval '1' day
),
-- Windows before which other buckets had enough history: a bucket without any was silent rather than not yet logged.
old_lakes as (
  select distinct tested_buckets.window_start
  from tested_buckets
  cross join settings
  cross join (select min(hour) as first_hour from activity) as lake
  where lake.first_hour <= tested_buckets.window_start - settings.learning_days * interval '1' day
),
silent_buckets as (
  select tested_buckets.window_start, tested_buckets.bucket
  from tested_buckets
  join old_lakes on old_lakes.window_start = tested_buckets.window_start
  left join bucket_history
    on bucket_history.window_start = tested_buckets.window_start
    and bucket_history.bucket = tested_buckets.bucket
  left join buckets on buckets.bucket = tested_buckets.bucket
  cross join settings
  where bucket_history.bucket is null
    and (buckets.created_at is null
      or buckets.created_at <= tested_buckets.window_start - settings.learning_days * interval '1' day)
)
select
  totals.window_start,
  case
    when silent_buckets.bucket is not null then 'medium'
    when learned_buckets.bucket is null and totals.objects >= $unlearned_objects then 'medium'
    when learned_buckets.bucket is null then 'low'
    when totals.objects >= $unusual_factor * learned_buckets.greatest_hour then 'high'
    when totals.objects >= $share_factor * learned_buckets.greatest_hour
      and totals.objects >= $unusual_share * learned_buckets.uses then 'high'
    else 'low'
  end as severity,
  totals.principal || ' deleted ' || case when totals.is_estimate then 'about ' else '' end
    || cast(totals.objects as varchar) || ' objects from the bucket ' || totals.bucket || ' within an hour'
    || case when totals.versions > 0 then ', some of them for good (by version)' else '' end as summary,
  totals.account_id, totals.region, totals.bucket, totals.key, totals.principal, totals.source_ip, totals.user_agent,
  totals.first_event_at, totals.last_event_at,
  totals.objects as event_count,
  totals.row_ids as evidence,
  case
    when learned_buckets.bucket is not null then 'at most ' || cast(learned_buckets.greatest_hour as varchar)
      || ' deletes in an hour of the bucket, ' || cast(learned_buckets.uses as varchar) || ' reads and writes in '
      || cast($baseline_days as varchar) || ' days'
  end as expected,
  cast(totals.objects as varchar) || ' deletes in an hour' as observed,
  cast(date_diff('day', learned_buckets.first_hour, totals.window_start) as integer) as history_days,
  case
    when silent_buckets.bucket is not null then array['requests to this bucket: UNSEEN']
    when learned_buckets.bucket is null then array['bucket: LEARNING']
    when learned_buckets.greatest_hour = 0 then array['deletes in this bucket: UNSEEN']
    when totals.objects >= $unusual_factor * learned_buckets.greatest_hour then array['volume: RARE']
    when totals.objects >= $share_factor * learned_buckets.greatest_hour
      and totals.objects >= $unusual_share * learned_buckets.uses then array['volume: INFREQUENT']
    else array['volume: FREQUENT']
  end as factors
from totals
left join learned_buckets
  on learned_buckets.window_start = totals.window_start
  and learned_buckets.bucket = totals.bucket
left join silent_buckets
  on silent_buckets.window_start = totals.window_start
  and silent_buckets.bucket = totals.bucket
order by totals.window_start, totals.bucket, totals.principal
