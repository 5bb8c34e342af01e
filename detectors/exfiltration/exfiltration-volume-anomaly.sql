/*---
id: exfiltration-volume-anomaly
version: 1
title: bytes out far above normal
severity: high
severity_rules:
  - medium without enough history of the principal itself (it is then held against the other readers of the bucket), unless the bucket is sensitive
family: exfiltration
sources: [access_log, cloudtrail_data]
tactic: exfiltration
mitre: [T1530, T1048]
window: day
entity: [bucket, principal]
needs_learning: true
learns: How many bytes each principal reads from each bucket an hour, and from all buckets a day.
params:
  min_bytes:
    default: 500000000
    unit: bytes
    description: Bytes in an hour (or, over all buckets, in a day) from which on a reader is judged.
  min_score:
    default: 6
    unit: robust standard deviations
    description: How far ln(1 + bytes) must lie above the median of the history.
  min_ratio:
    default: 3
    unit: times the 99th percentile
    description: How far the bytes must exceed the 99th percentile of the history.
  min_windows:
    default: 10
    unit: hours or days with reads
    description: Windows with reads that the history needs to be the principal's own baseline.
  baseline_days:
    default: 30
    unit: days
    description: History that gives the baseline.
description: >-
  A principal read far more than usual. Its greatest hour in a bucket is compared with its hours of the baseline there:
  robust z on ln(1 + bytes) against median and MAD, and a multiple of the 99th percentile. Where it has too little history,
  the hours of the bucket's other readers stand in. If no bucket stands out, the bytes of the day over all buckets are
  compared with the principal's own days; that finding has no bucket. Whole objects that were read again within the hour
  (the day) count once; parts of objects count each, as the logs do not say which part it was. Public buckets, AWS services,
  CloudFront and anonymous callers are left out.
  A bucket that is used on few days is judged as soon as its first request is old enough, for archives are worth taking.
false_positives:
  - A full backup, a re-index or a migration that is not part of the usual nights; suppress the job's principal.
  - A first run of an analytics role on a large bucket.
known_gaps:
  - Reading at the usual volume, slowly or with many principals stays below; slow-exfiltration-drift and exfiltration-breadth-anomaly help there.
  - CloudTrail does not show the status, so re-read objects count each time where it is the only log.
  - A server-side copy to another bucket counts its bytes here although they never reached the caller's network.
  - A past day that alerted is history like any other.
  - A bucket without a single request in the 90 days before is not judged; bucket-new-requester and the day over all buckets may see it.
next_steps:
  - "See what was read: select key, count(*), sum(bytes_out) from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class = 'read' group by key order by 3 desc limit 50."
  - "See the volume beside the baseline: select date_trunc('day', event_time), sum(bytes_out) from s3_events where principal = '<principal>' and action_class = 'read' group by 1 order by 1."
  - Compare source addresses and user agents with the principal's usual ones; bytes that left to an unknown network matter most.
  - Ask the owner of the principal whether a job changed; if not, deny it in the bucket policy and rotate its credentials.
references:
  - https://attack.mitre.org/techniques/T1530/
  - https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-s3.html
---*/
with
-- At most this is what each principal read, as the rollup says: requests that both logs have count twice there, and so do
-- objects that were read again. Only who may stand out by it is looked up in the logs.
most_bytes as (
  select
    date_trunc('day', activity.hour) as window_start, activity.hour, activity.principal, activity.bucket,
    sum(activity.bytes_out) as bytes
  from activity
  left join buckets on buckets.bucket = activity.bucket
  where activity.hour >= $from
    and activity.action_class = 'read'
    and activity.bucket is not null
    and activity.principal_kind not in ('service', 'cloudfront', 'anonymous', 'unauthenticated')
    and not coalesce(buckets.is_public, false)
  group by date_trunc('day', activity.hour), activity.hour, activity.principal, activity.bucket
),
usual_hours as (
  select
    tested.window_start, tested.principal, activity.bucket, activity.hour,
    max(activity.bytes_out) as bytes,
    bool_or(activity.is_aws_service) as is_aws_service
  from (select distinct window_start, principal from most_bytes) as tested
  join activity on activity.principal = tested.principal
  where activity.action_class = 'read'
    and activity.bytes_out > 0
    and activity.hour < tested.window_start
    and activity.hour >= tested.window_start - $baseline_days * interval '1' day
  group by tested.window_start, tested.principal, activity.bucket, activity.hour
),
usual_bucket_bytes as (
  select
    window_start, principal, bucket,
    element_at(array_sort(array_agg(cast(bytes as double))), cast(ceil(0.99 * count(*)) as bigint)) as high_bytes
  from usual_hours
  where not is_aws_service
  group by window_start, principal, bucket
),
usual_day_bytes as (
  select
    window_start, principal,
    count(*) as windows,
    element_at(array_sort(array_agg(cast(bytes as double))), cast(ceil(0.99 * count(*)) as bigint)) as high_bytes
  from (
    select window_start, principal, date_trunc('day', hour) as day, sum(bytes) as bytes
    from usual_hours
    group by window_start, principal, date_trunc('day', hour)
  ) as days
  group by window_start, principal
),
candidates as (
  select most.window_start, most.principal
  from (
    select window_start, principal, bucket, max(bytes) as bytes
    from most_bytes
    group by window_start, principal, bucket
    having max(bytes) >= $min_bytes
  ) as most
  cross join settings
  join (select bucket, min(hour) as first_hour from activity group by bucket) as ages on ages.bucket = most.bucket
  left join usual_bucket_bytes as usual
    on usual.window_start = most.window_start
    and usual.principal = most.principal
    and usual.bucket = most.bucket
  where ages.first_hour <= most.window_start - settings.learning_days * interval '1' day
    and most.bytes >= $min_ratio * coalesce(usual.high_bytes, 0)
  union
  select most.window_start, most.principal
  from (
    select window_start, principal, sum(bytes) as bytes
    from most_bytes
    group by window_start, principal
    having sum(bytes) >= $min_bytes
  ) as most
  join usual_day_bytes as usual
    on usual.window_start = most.window_start
    and usual.principal = most.principal
  where usual.windows >= $min_windows
    and most.bytes >= $min_ratio * usual.high_bytes
),
reads as (
  select
    candidates.window_start,
    date_trunc('hour', events.event_time) as hour,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.principal, events.source_ip,
    events.user_agent, events.status, events.bytes_out, events.row_id
  from s3_events as events
  join candidates
    on candidates.window_start = date_trunc('day', events.event_time)
    and candidates.principal = events.principal
  left join buckets on buckets.bucket = events.bucket
  where events.action_class = 'read'
    and events.action <> 'HeadObject'
    and events.is_success
    and events.bytes_out > 0
    and events.bucket is not null
    and not events.is_aws_service
    and not coalesce(buckets.is_public, false)
),
object_hours as (
  select
    window_start, hour, principal, bucket, key,
    max(case when status = 200 then bytes_out else 0 end) as whole_bytes,
    sum(case when status = 200 then 0 else bytes_out end) as part_bytes
  from reads
  group by window_start, hour, principal, bucket, key
),
bucket_hours as (
  select
    window_start, hour, principal, bucket,
    cast(sum(whole_bytes + part_bytes) as bigint) as bytes,
    count(*) as keys
  from object_hours
  group by window_start, hour, principal, bucket
),
greatest_hours as (
  select
    window_start, principal, bucket,
    max(bytes) as bytes,
    max_by(hour, row(bytes, hour)) as hour,
    max_by(keys, row(bytes, hour)) as keys
  from bucket_hours
  group by window_start, principal, bucket
  having max(bytes) >= $min_bytes
),
-- An access-log row and its CloudTrail twin are both in the rollup: the greater of the two, never their sum.
bucket_history as (
  select
    tested.window_start, tested.bucket, activity.hour, activity.principal, activity.principal_kind, activity.action_class,
    bool_or(activity.is_aws_service) as is_aws_service,
    max(activity.bytes_out) as bytes
  from (select distinct window_start, bucket from greatest_hours) as tested
  join activity on activity.bucket = tested.bucket
  where activity.hour < tested.window_start
    and activity.hour >= tested.window_start - interval '90' day
  group by tested.window_start, tested.bucket, activity.hour, activity.principal, activity.principal_kind, activity.action_class
),
learned_buckets as (
  select ages.window_start, ages.bucket, ages.first_hour
  from (
    select window_start, bucket, min(hour) as first_hour
    from bucket_history
    group by window_start, bucket
  ) as ages
  cross join settings
  where ages.first_hour <= ages.window_start - settings.learning_days * interval '1' day
),
read_hours as (
  select window_start, bucket, principal, hour, bytes, ln(1.0 + bytes) as log_bytes
  from bucket_history
  where action_class = 'read'
    and bytes > 0
    and not is_aws_service
    and principal_kind not in ('service', 'cloudfront', 'anonymous', 'unauthenticated')
    and hour >= window_start - $baseline_days * interval '1' day
),
-- Percentiles are exact, by position in the sorted list: approximate ones depend on the order of the rows.
own_hours as (
  select
    window_start, bucket, principal,
    count(*) as windows,
    min(hour) as first_hour,
    max(bytes) as greatest,
    element_at(array_sort(array_agg(cast(bytes as double))), cast(ceil(0.99 * count(*)) as bigint)) as high_bytes,
    element_at(array_sort(array_agg(log_bytes)), cast(ceil(0.5 * count(*)) as bigint)) as median
  from read_hours
  group by window_start, bucket, principal
),
own_spreads as (
  select
    read_hours.window_start, read_hours.bucket, read_hours.principal,
    element_at(array_sort(array_agg(abs(read_hours.log_bytes - own_hours.median))), cast(ceil(0.5 * count(*)) as bigint)) as spread
  from read_hours
  join own_hours
    on own_hours.window_start = read_hours.window_start
    and own_hours.bucket = read_hours.bucket
    and own_hours.principal = read_hours.principal
  group by read_hours.window_start, read_hours.bucket, read_hours.principal
),
peer_hours as (
  select
    greatest_hours.window_start, greatest_hours.bucket, greatest_hours.principal,
    count(*) as windows,
    element_at(array_sort(array_agg(cast(read_hours.bytes as double))), cast(ceil(0.99 * count(*)) as bigint)) as high_bytes
  from greatest_hours
  join read_hours
    on read_hours.window_start = greatest_hours.window_start
    and read_hours.bucket = greatest_hours.bucket
  where read_hours.principal <> greatest_hours.principal
  group by greatest_hours.window_start, greatest_hours.bucket, greatest_hours.principal
),
judged_hours as (
  select
    greatest_hours.window_start, greatest_hours.principal, greatest_hours.bucket, greatest_hours.bytes,
    greatest_hours.hour, greatest_hours.keys, learned_buckets.first_hour,
    coalesce(own_hours.windows, 0) as own_windows,
    coalesce(own_hours.windows >= $min_windows
      and own_hours.first_hour <= greatest_hours.window_start - settings.learning_days * interval '1' day, false) as has_own_baseline,
    own_hours.median,
    coalesce(own_hours.high_bytes, 0) as own_high_bytes,
    coalesce(own_hours.greatest, 0) as own_greatest,
    coalesce(peer_hours.high_bytes, 0) as peer_high_bytes,
    (ln(1.0 + greatest_hours.bytes) - own_hours.median) / (1.4826 * own_spreads.spread + 0.15) as score
  from greatest_hours
  cross join settings
  join learned_buckets
    on learned_buckets.window_start = greatest_hours.window_start
    and learned_buckets.bucket = greatest_hours.bucket
  left join own_hours
    on own_hours.window_start = greatest_hours.window_start
    and own_hours.bucket = greatest_hours.bucket
    and own_hours.principal = greatest_hours.principal
  left join own_spreads
    on own_spreads.window_start = greatest_hours.window_start
    and own_spreads.bucket = greatest_hours.bucket
    and own_spreads.principal = greatest_hours.principal
  left join peer_hours
    on peer_hours.window_start = greatest_hours.window_start
    and peer_hours.bucket = greatest_hours.bucket
    and peer_hours.principal = greatest_hours.principal
),
bucket_findings as (
  select
    window_start, principal, bucket, bytes, hour, keys, first_hour, own_windows, has_own_baseline,
    case when has_own_baseline then own_high_bytes else greatest(peer_high_bytes, own_greatest) end as high_bytes,
    case when has_own_baseline then score end as score
  from judged_hours
  where (has_own_baseline and score >= $min_score and bytes >= $min_ratio * own_high_bytes)
    or (not has_own_baseline and bytes >= $min_ratio * peer_high_bytes and bytes >= $min_ratio * own_greatest)
),
-- The day over all buckets, for principals of which no bucket stands out.
object_days as (
  select
    window_start, principal, bucket, key,
    max(whole_bytes) + sum(part_bytes) as bytes
  from object_hours
  group by window_start, principal, bucket, key
),
days as (
  select
    object_days.window_start, object_days.principal,
    cast(sum(object_days.bytes) as bigint) as bytes,
    count(*) as keys,
    count(distinct object_days.bucket) as buckets
  from object_days
  left join bucket_findings
    on bucket_findings.window_start = object_days.window_start
    and bucket_findings.principal = object_days.principal
  where bucket_findings.principal is null
  group by object_days.window_start, object_days.principal
  having sum(object_days.bytes) >= $min_bytes
),
day_history as (
  select hours.window_start, hours.principal, hours.day, sum(hours.bytes) as bytes
  from (
    select
      days.window_start, days.principal, date_trunc('day', activity.hour) as day, activity.hour, activity.bucket,
      max(activity.bytes_out) as bytes
    from days
    join activity on activity.principal = days.principal
    where activity.action_class = 'read'
      and activity.bytes_out > 0
      and activity.hour < days.window_start
      and activity.hour >= days.window_start - $baseline_days * interval '1' day
    group by days.window_start, days.principal, activity.hour, activity.bucket
  ) as hours
  group by hours.window_start, hours.principal, hours.day
),
own_days as (
  select
    window_start, principal,
    count(*) as windows,
    min(day) as first_day,
    element_at(array_sort(array_agg(cast(bytes as double))), cast(ceil(0.99 * count(*)) as bigint)) as high_bytes,
    element_at(array_sort(array_agg(ln(1.0 + cast(bytes as double)))), cast(ceil(0.5 * count(*)) as bigint)) as median
  from day_history
  group by window_start, principal
),
day_spreads as (
  select
    day_history.window_start, day_history.principal,
    element_at(array_sort(array_agg(abs(ln(1.0 + cast(day_history.bytes as double)) - own_days.median))),
      cast(ceil(0.5 * count(*)) as bigint)) as spread
  from day_history
  join own_days
    on own_days.window_start = day_history.window_start
    and own_days.principal = day_history.principal
  group by day_history.window_start, day_history.principal
),
day_findings as (
  select
    days.window_start, days.principal, days.bytes, days.keys, days.buckets, own_days.first_day, own_days.windows,
    own_days.high_bytes,
    (ln(1.0 + days.bytes) - own_days.median) / (1.4826 * day_spreads.spread + 0.15) as score
  from days
  cross join settings
  join own_days
    on own_days.window_start = days.window_start
    and own_days.principal = days.principal
  join day_spreads
    on day_spreads.window_start = days.window_start
    and day_spreads.principal = days.principal
  where own_days.windows >= $min_windows
    and own_days.first_day <= days.window_start - settings.learning_days * interval '1' day
    and days.bytes >= $min_ratio * own_days.high_bytes
    and (ln(1.0 + days.bytes) - own_days.median) / (1.4826 * day_spreads.spread + 0.15) >= $min_score
),
findings as (
  select
    window_start, principal, bucket, hour, bytes, keys, first_hour as first_seen, own_windows as windows, has_own_baseline,
    high_bytes, score
  from bucket_findings
  union all
  select
    window_start, principal, cast(null as varchar), cast(null as timestamp), bytes, keys, first_day, windows, true,
    high_bytes, score
  from day_findings
),
-- The rows behind a finding: its greatest hour in its bucket, or its whole day.
finding_rows as (
  select
    findings.window_start, findings.principal, findings.bucket,
    max(reads.account_id) as account_id,
    max(reads.region) as region,
    max_by(reads.key, row(reads.bytes_out, reads.row_id)) as key,
    max_by(reads.source_ip, row(reads.bytes_out, reads.row_id)) as source_ip,
    max_by(reads.user_agent, row(reads.bytes_out, reads.row_id)) as user_agent,
    min(reads.event_time) as first_event_at,
    max(reads.event_time) as last_event_at,
    count(*) as event_count,
    min_by(reads.row_id, row(reads.event_time, reads.row_id), 10) as row_ids
  from findings
  join reads
    on reads.window_start = findings.window_start
    and reads.principal = findings.principal
  where findings.bucket is null
    or (reads.bucket = findings.bucket and reads.hour = findings.hour)
  group by findings.window_start, findings.principal, findings.bucket
)
select
  findings.window_start,
  case
    when findings.has_own_baseline or coalesce(buckets.is_sensitive, false) then 'high'
    else 'medium'
  end as severity,
  findings.principal || ' read ' || cast(cast(findings.bytes / 1e6 as decimal(18, 0)) as varchar) || ' MB ('
    || cast(findings.keys as varchar) || case when findings.keys = 1 then ' object) ' else ' objects) ' end
    || case when findings.bucket is null then 'from all buckets in a day' else 'from the bucket ' || findings.bucket || ' in an hour' end
    || ', against at most ' || cast(cast(findings.high_bytes / 1e6 as decimal(18, 1)) as varchar) || ' MB '
    || case
      when findings.has_own_baseline then 'before'
      when findings.windows = 0 then 'by other readers before; its first reads there'
      else 'by it or other readers before'
    end as summary,
  finding_rows.account_id, finding_rows.region, findings.bucket, finding_rows.key, findings.principal,
  finding_rows.source_ip, finding_rows.user_agent, finding_rows.first_event_at, finding_rows.last_event_at,
  finding_rows.event_count, finding_rows.row_ids as evidence,
  cast(cast(findings.high_bytes / 1e6 as decimal(18, 1)) as varchar) || ' MB '
    || case when findings.bucket is null then 'a day' else 'an hour' end || ' (99th percentile of '
    || case when findings.has_own_baseline then cast(findings.windows as varchar) || ' own windows)' else 'all readers)' end
    as expected,
  cast(cast(findings.bytes / 1e6 as decimal(18, 1)) as varchar) || ' MB '
    || case when findings.bucket is null then 'in the day' else 'in the hour' end
    || case when findings.score is null then '' else ', robust z ' || cast(cast(findings.score as decimal(18, 1)) as varchar) end
    as observed,
  cast(date_diff('day', findings.first_seen, findings.window_start) as integer) as history_days,
  filter(array[
    'volume: RARE',
    case when findings.windows = 0 then 'reader of this bucket: UNSEEN' end,
    case when coalesce(buckets.is_sensitive, false) then 'bucket: SENSITIVE' end
  ], factor -> factor is not null) as factors
from findings
join finding_rows
  on finding_rows.window_start = findings.window_start
  and finding_rows.principal = findings.principal
  and finding_rows.bucket is not distinct from findings.bucket
left join buckets on buckets.bucket = findings.bucket
order by findings.window_start, findings.principal, findings.bucket
