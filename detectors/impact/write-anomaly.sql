/*---
id: write-anomaly
version: 1
title: writes far above normal
severity: medium
severity_rules:
  - low without enough history of the principal itself (it is then held against the other writers of the bucket), unless the bucket is sensitive
family: impact
sources: [access_log, cloudtrail_data]
tactic: impact
mitre: [T1565.001, T1486]
window: hour
entity: [bucket, principal]
needs_learning: true
learns: How much each principal writes to each bucket an hour, and who only reads.
params:
  min_requests:
    default: 50
    unit: requests
    description: Writes in an hour, by one principal in one bucket, from which on they are judged.
  min_reads:
    default: 200
    unit: requests
    description: Reads in the baseline that make a principal without a write a reader of the bucket, whose first write alerts.
  min_score:
    default: 6
    unit: robust standard deviations
    description: How far ln(1 + writes) must lie above the median of the history.
  min_ratio:
    default: 3
    unit: times the 99th percentile
    description: How far the writes must exceed the 99th percentile of the history.
  min_windows:
    default: 10
    unit: hours with writes
    description: Hours with writes that the history needs to be the principal's own baseline.
  baseline_days:
    default: 30
    unit: days
    description: History that gives the baseline.
description: >-
  A principal wrote far more often to a bucket in an hour than usual. The hour is compared with its hours of the baseline
  there (which ends with the day before), by robust z on ln(1 + writes) and a multiple of the 99th percentile; where it has too little
  history, the hours of the other writers stand in. A principal that read the bucket often and never wrote to it also
  alerts with its first write, whatever the number. Writes are all that changes objects, with parts and tags, as the
  rollups count them; working files of Spark, Hive and Athena are left out of the hour but not of its history.
false_positives:
  - A release, a back-fill or a migration that is not part of the usual days; suppress the job's principal.
  - A reader that was given write access and uses it for the first time; one alert, then it is learned.
known_gaps:
  - Overwriting at the usual rate stays below; in-place-overwrite-burst and the sse-c and kms detectors look at that.
  - A bucket younger than the learning period is not judged.
  - Nobody's first write is seen where the principal was never seen reading; bucket-new-requester looks at that.
next_steps:
  - "See what was written: select action, key, event_time, source_ip, user_agent from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class = 'write' order by event_time desc limit 100."
  - "See the writes beside the baseline: select date_trunc('hour', event_time), count(*) from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class = 'write' group by 1 order by 1."
  - Look whether keys existed before (versions of the bucket) and whether their content still opens.
  - Ask the owner of the principal whether a job changed; if not, deny it in the bucket policy and restore the versions.
references:
  - https://attack.mitre.org/techniques/T1565/001/
  - https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-s3.html
---*/
with
writes as (
  select
    date_trunc('hour', events.event_time) as window_start,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.principal, events.source_ip,
    events.user_agent, events.row_id
  from s3_events as events
  where events.action_class = 'write'
    and events.is_success
    and events.bucket is not null
    and events.principal_kind not in ('service', 'cloudfront', 'anonymous', 'unauthenticated')
    and not events.is_aws_service
    and not coalesce(
      regexp_like(events.key, '(^|/)(_temporary|[.]spark-staging[^/]*|[.]hive-staging[^/]*|athena-results|athena-query-results|query-results)/'),
      false)
),
totals as (
  select
    window_start, bucket, principal,
    date_trunc('day', window_start) as day,
    max(account_id) as account_id,
    max(region) as region,
    min_by(key, row(event_time, row_id)) as key,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as requests,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from writes
  group by window_start, bucket, principal
),
tested as (
  select distinct day, bucket
  from totals
),
bucket_ages as (
  select activity.bucket, min(activity.hour) as first_hour
  from activity
  join (select distinct bucket from tested) as tested_buckets on tested_buckets.bucket = activity.bucket
  group by activity.bucket
),
learned_buckets as (
  select tested.day, tested.bucket, bucket_ages.first_hour
  from tested
  join bucket_ages on bucket_ages.bucket = tested.bucket
  cross join settings
  where bucket_ages.first_hour <= tested.day - settings.learning_days * interval '1' day
),
-- An access-log row and its CloudTrail twin are both in the rollup: the greater of the two, never their sum.
hours as (
  select activity.bucket, activity.principal, activity.hour, max(activity.requests - activity.errors) as requests
  from activity
  join (select distinct bucket from learned_buckets) as known on known.bucket = activity.bucket
  where activity.action_class = 'write'
    and activity.requests > activity.errors
    and not activity.is_aws_service
    and activity.principal_kind not in ('service', 'cloudfront', 'anonymous', 'unauthenticated')
  group by activity.bucket, activity.principal, activity.hour
),
write_hours as (
  select
    learned_buckets.day, hours.bucket, hours.principal, hours.hour, hours.requests, ln(1.0 + hours.requests) as log_requests
  from learned_buckets
  join hours on hours.bucket = learned_buckets.bucket
  where hours.hour < learned_buckets.day
    and hours.hour >= learned_buckets.day - $baseline_days * interval '1' day
),
testees as (
  select distinct day, bucket, principal
  from totals
  where requests >= $min_requests
),
-- Percentiles are exact, by position in the sorted list: approximate ones depend on the order of the rows.
own_hours as (
  select
    write_hours.day, write_hours.bucket, write_hours.principal,
    count(*) as windows,
    min(write_hours.hour) as first_hour,
    max(write_hours.requests) as greatest,
    element_at(array_sort(array_agg(write_hours.requests)), cast(ceil(0.99 * count(*)) as bigint)) as high,
    element_at(array_sort(array_agg(write_hours.log_requests)), cast(ceil(0.5 * count(*)) as bigint)) as median
  from write_hours
  join testees
    on testees.day = write_hours.day
    and testees.bucket = write_hours.bucket
    and testees.principal = write_hours.principal
  group by write_hours.day, write_hours.bucket, write_hours.principal
),
own_spreads as (
  select
    write_hours.day, write_hours.bucket, write_hours.principal,
    element_at(array_sort(array_agg(abs(write_hours.log_requests - own_hours.median))), cast(ceil(0.5 * count(*)) as bigint)) as spread
  from write_hours
  join own_hours
    on own_hours.day = write_hours.day
    and own_hours.bucket = write_hours.bucket
    and own_hours.principal = write_hours.principal
  group by write_hours.day, write_hours.bucket, write_hours.principal
),
peer_hours as (
  select
    testees.day, testees.bucket, testees.principal,
    element_at(array_sort(array_agg(write_hours.requests)), cast(ceil(0.99 * count(*)) as bigint)) as high
  from testees
  join write_hours
    on write_hours.day = testees.day
    and write_hours.bucket = testees.bucket
  where write_hours.principal <> testees.principal
  group by testees.day, testees.bucket, testees.principal
),
judged as (
  select
    totals.window_start, totals.bucket, totals.principal, totals.requests, learned_buckets.first_hour,
    0 as reads,
    coalesce(own_hours.windows, 0) as windows,
    coalesce(own_hours.windows >= $min_windows
      and own_hours.first_hour <= totals.day - settings.learning_days * interval '1' day, false) as has_own_baseline,
    coalesce(own_hours.high, 0) as own_high,
    coalesce(own_hours.greatest, 0) as own_greatest,
    coalesce(peer_hours.high, 0) as peer_high,
    (ln(1.0 + totals.requests) - own_hours.median) / (1.4826 * own_spreads.spread + 0.15) as score
  from totals
  cross join settings
  join learned_buckets
    on learned_buckets.day = totals.day
    and learned_buckets.bucket = totals.bucket
  left join own_hours
    on own_hours.day = totals.day
    and own_hours.bucket = totals.bucket
    and own_hours.principal = totals.principal
  left join own_spreads
    on own_spreads.day = totals.day
    and own_spreads.bucket = totals.bucket
    and own_spreads.principal = totals.principal
  left join peer_hours
    on peer_hours.day = totals.day
    and peer_hours.bucket = totals.bucket
    and peer_hours.principal = totals.principal
  where totals.requests >= $min_requests
),
-- Writers that never wrote to the bucket before, and what they read there instead.
first_writers as (
  select totals.window_start, totals.bucket, totals.principal, totals.requests, learned_buckets.first_hour
  from totals
  join learned_buckets
    on learned_buckets.day = totals.day
    and learned_buckets.bucket = totals.bucket
  left join (
    select bucket, principal, min(hour) as first_hour
    from hours
    group by bucket, principal
  ) as known
    on known.bucket = totals.bucket
    and known.principal = totals.principal
    and known.first_hour < totals.window_start
  where known.principal is null
),
read_hours as (
  select
    first_writers.window_start, first_writers.bucket, first_writers.principal, first_writers.requests, first_writers.first_hour,
    activity.hour, max(activity.requests - activity.errors) as reads
  from first_writers
  join activity
    on activity.bucket = first_writers.bucket
    and activity.principal = first_writers.principal
  where activity.action_class = 'read'
    and activity.hour < first_writers.window_start
    and activity.hour >= first_writers.window_start - $baseline_days * interval '1' day
  group by first_writers.window_start, first_writers.bucket, first_writers.principal, first_writers.requests,
    first_writers.first_hour, activity.hour
),
readers as (
  select window_start, bucket, principal, requests, first_hour, cast(sum(reads) as bigint) as reads
  from read_hours
  group by window_start, bucket, principal, requests, first_hour
  having sum(reads) >= $min_reads
),
findings as (
  select
    window_start, bucket, principal, requests, first_hour, windows, has_own_baseline, reads,
    case when has_own_baseline then own_high else greatest(peer_high, own_greatest) end as high,
    case when has_own_baseline then score end as score
  from judged
  where (has_own_baseline and score >= $min_score and requests >= $min_ratio * own_high)
    or (not has_own_baseline and requests >= $min_ratio * peer_high and requests >= $min_ratio * own_greatest)
  union all
  select readers.window_start, readers.bucket, readers.principal, readers.requests, readers.first_hour, 0, false, readers.reads, 0, null
  from readers
  left join judged
    on judged.window_start = readers.window_start
    and judged.bucket = readers.bucket
    and judged.principal = readers.principal
    and judged.requests >= $min_ratio * judged.peer_high
  where judged.principal is null
)
select
  findings.window_start,
  case when findings.has_own_baseline or findings.reads > 0 or coalesce(buckets.is_sensitive, false) then 'medium' else 'low' end as severity,
  findings.principal || ' wrote ' || cast(findings.requests as varchar)
    || case when findings.requests = 1 then ' time' else ' times' end || ' to the bucket ' || findings.bucket || ' in an hour, '
    || case
      when findings.reads > 0 then 'which it only read before (' || cast(findings.reads as varchar) || ' reads in '
        || cast($baseline_days as varchar) || ' days)'
      else 'against at most ' || cast(findings.high as varchar) || ' before'
    end as summary,
  totals.account_id, totals.region, findings.bucket, totals.key, findings.principal, totals.source_ip, totals.user_agent,
  totals.first_event_at, totals.last_event_at,
  findings.requests as event_count,
  totals.row_ids as evidence,
  case
    when findings.reads > 0 then 'no writes of this principal'
    else cast(findings.high as varchar) || ' writes an hour (99th percentile of '
      || case when findings.has_own_baseline then cast(findings.windows as varchar) || ' own hours)' else 'all writers)' end
  end as expected,
  cast(findings.requests as varchar) || ' writes'
    || case when findings.score is null then '' else ', robust z ' || cast(cast(findings.score as decimal(18, 1)) as varchar) end as observed,
  cast(date_diff('day', findings.first_hour, findings.window_start) as integer) as history_days,
  filter(array[
    case when findings.reads = 0 then 'volume: RARE' end,
    case when findings.windows = 0 then 'writes of this principal: UNSEEN' end,
    case when coalesce(buckets.is_sensitive, false) then 'bucket: SENSITIVE' end
  ], factor -> factor is not null) as factors
from findings
join totals
  on totals.window_start = findings.window_start
  and totals.bucket = findings.bucket
  and totals.principal = findings.principal
left join buckets on buckets.bucket = findings.bucket
order by findings.window_start, findings.bucket, findings.principal
