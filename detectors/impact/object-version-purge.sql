/*---
id: object-version-purge
version: 1
title: object versions purged
severity: high
severity_rules:
  - low when the principal deleted as many objects of the bucket in some hour of the baseline (a usual clean-up)
family: impact
sources: [access_log, cloudtrail_data]
tactic: impact
mitre: [T1485, T1490]
window: hour
entity: [bucket, principal]
needs_learning: false
params:
  min_versions:
    default: 20
    unit: versions
    description: Versions deleted by one principal in one bucket within ten minutes, from which on to alert.
  baseline_days:
    default: 30
    unit: days
    description: History of the principal's deletes in the bucket that makes as many a usual clean-up.
description: >-
  One principal deleted many objects of a bucket by their version within ten minutes. Such a delete leaves no marker and
  cannot be undone: it is what is done to a versioned bucket before a ransom is asked. Deletes by lifecycle
  rules and AWS services do not count. The rollups know deletes and not versions, so a principal that deletes as much in
  some other hour of 30 days is taken for a clean-up and lowered.
false_positives:
  - A backup program that prunes its own versions; it becomes low as soon as the history shows it.
  - Removing delete markers, which is how deleted objects are restored, is a delete by version as well.
  - Emptying a versioned bucket before it is removed.
known_gaps:
  - Where only CloudTrail sees a batch delete and the trail leaves out the events of its keys, versions are not shown.
  - Fewer than the limit in any ten minutes stay below.
  - Old versions that a lifecycle rule expires are not requests; lifecycle-short-expiry watches the rule.
next_steps:
  - "See what was purged: select event_time, key, version_id, source_ip, user_agent from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class = 'delete' and version_id is not null order by event_time."
  - "See what is left of one key: aws s3api list-object-versions --bucket <bucket> --prefix <key>."
  - Deny s3:DeleteObjectVersion to the principal in the bucket policy at once, then revoke its sessions.
  - Restore from replicas or backups; what was purged does not come back from versions.
references:
  - https://attack.mitre.org/techniques/T1485/
  - https://attack.mitre.org/techniques/T1490/
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
---*/
with
purges as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, account_id, region, bucket, key, principal, source_ip, user_agent, row_id
  from s3_events
  where action in ('DeleteObject', 'DeleteObjectVersion')
    and version_id is not null
    and version_id <> ''
    and is_success
    and bucket is not null
    and principal_kind <> 'service'
    and not is_aws_service
),
-- How many the principal had purged in the ten minutes up to each purge.
paces as (
  select
    window_start, event_time, account_id, region, bucket, key, principal, source_ip, user_agent, row_id,
    count(*) over (
      partition by bucket, principal
      order by event_time
      range between interval '10' minute preceding and current row
    ) as pace
  from purges
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
    count(*) as versions,
    count(distinct key) as keys,
    max(pace) as pace,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from paces
  group by window_start, bucket, principal
  having max(pace) >= $min_versions
),
-- CloudTrail may hold a batch as one row; its size then tells about how many keys it had.
history as (
  select
    totals.window_start, totals.bucket, totals.principal,
    max(greatest(activity.requests - activity.errors, cast(floor(activity.bytes_in / 100.0) as bigint))) as greatest_hour,
    min(activity.hour) as first_hour
  from totals
  join activity
    on activity.bucket = totals.bucket
    and activity.principal = totals.principal
  where activity.action_class = 'delete'
    and activity.hour < totals.window_start
    and activity.hour >= totals.window_start - $baseline_days * interval '1' day
  group by totals.window_start, totals.bucket, totals.principal
)
select
  totals.window_start,
  case when coalesce(history.greatest_hour, 0) >= totals.versions then 'low' else 'high' end as severity,
  totals.principal || ' deleted ' || cast(totals.versions as varchar) || ' versions of '
    || cast(totals.keys as varchar) || case when totals.keys = 1 then ' object' else ' objects' end || ' of the bucket '
    || totals.bucket || ' for good, ' || cast(totals.pace as varchar) || ' of them within ten minutes' as summary,
  totals.account_id, totals.region, totals.bucket, totals.key, totals.principal, totals.source_ip, totals.user_agent,
  totals.first_event_at, totals.last_event_at,
  totals.versions as event_count,
  totals.row_ids as evidence,
  'at most ' || cast(coalesce(history.greatest_hour, 0) as varchar) || ' deletes by it in an hour of '
    || cast($baseline_days as varchar) || ' days' as expected,
  cast(totals.versions as varchar) || ' versions in the hour' as observed,
  cast(date_diff('day', history.first_hour, totals.window_start) as integer) as history_days,
  array[case
    when history.principal is null then 'deletes of this principal: UNSEEN'
    when history.greatest_hour >= totals.versions then 'deletes of this principal: FREQUENT'
    else 'volume: RARE'
  end] as factors
from totals
left join history
  on history.window_start = totals.window_start
  and history.bucket = totals.bucket
  and history.principal = totals.principal
order by totals.window_start, totals.bucket, totals.principal
