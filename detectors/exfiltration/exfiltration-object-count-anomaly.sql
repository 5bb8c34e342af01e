/*---
id: exfiltration-object-count-anomaly
version: 1
title: objects read far above normal
severity: high
severity_rules:
  - medium when the principal never read the bucket before, unless the bucket is sensitive
  - low when the principal read nearly as many objects in some other hour of the baseline (only the hour is odd)
family: exfiltration
sources: [access_log, cloudtrail_data]
tactic: exfiltration
mitre: [T1530, T1119]
window: hour
entity: [bucket, principal]
needs_learning: true
learns: How many objects each principal reads in each bucket, by hour of the day.
params:
  min_objects:
    default: 100
    unit: objects
    description: Different objects that one principal reads in one bucket in an hour, from which on the count is judged.
  max_probability:
    default: 0.000001
    unit: probability
    description: The count is an anomaly when so many objects or more are at most this likely.
  unusual_factor:
    default: 2
    unit: times the greatest hour
    description: How far the count must exceed the principal's greatest hour there for more than low.
  baseline_days:
    default: 30
    unit: days
    description: History that gives the expected count.
description: >-
  One principal read far more different objects of a bucket in an hour than its own history lets expect. The expected
  count is the greater of its mean at this hour of the day (with one hour of tolerance to either side) and of its mean
  over all hours of the baseline, which ends with the day before; a principal without history there is held against the
  mean of the bucket's other readers. The count is taken as negative binomial, with its dispersion from the principal's
  own busy hours; its tail is bounded by Chernoff as in delete-anomaly. The rollups hold reads, not different keys: the
  history is never less than the keys were, so the comparison errs on the quiet side. The catalogue's hour of the week is
  an hour of the day here. Public buckets, AWS services, CloudFront and anonymous callers are left out.
false_positives:
  - A first run of an analytics role or of a backup; suppress the job's principal.
  - An Athena or Spark query over many small files that is not part of the usual days.
known_gaps:
  - Reading at the usual rate, slowly or with many principals stays below.
  - Few large objects stay below; exfiltration-volume-anomaly counts bytes.
  - A bucket younger than the learning period is not judged.
next_steps:
  - "See what was read: select key, count(*), sum(bytes_out) from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class = 'read' group by key order by 3 desc limit 50."
  - "See the reads beside the baseline: select date_trunc('hour', event_time), count(distinct key) from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class = 'read' group by 1 order by 1."
  - Compare source addresses and user agents with the principal's usual ones.
  - Ask the owner of the principal whether a job changed; if not, deny it in the bucket policy and rotate its credentials.
references:
  - https://attack.mitre.org/techniques/T1530/
  - https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-s3.html
---*/
with
reads as (
  select
    date_trunc('hour', events.event_time) as window_start,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.principal, events.source_ip,
    events.user_agent, events.bytes_out, events.row_id
  from s3_events as events
  left join buckets on buckets.bucket = events.bucket
  where events.action = 'GetObject'
    -- A copy reads its source without sending it to anybody; copy-to-external-account looks where it goes.
    and coalesce(events.operation, '') <> 'REST.COPY.OBJECT_GET'
    and events.is_success
    and events.key is not null
    and events.bucket is not null
    and events.principal_kind not in ('service', 'cloudfront', 'anonymous', 'unauthenticated')
    and not events.is_aws_service
    and not coalesce(buckets.is_public, false)
),
-- The requests first: counting different keys is dear, and few principals read so much.
readers as (
  select window_start, bucket, principal
  from reads
  group by window_start, bucket, principal
  having count(*) >= $min_objects
),
counts as (
  select
    readers.window_start, readers.bucket, readers.principal,
    date_trunc('day', readers.window_start) as day,
    count(distinct reads.key) as objects
  from readers
  join reads
    on reads.window_start = readers.window_start
    and reads.bucket = readers.bucket
    and reads.principal = readers.principal
  group by readers.window_start, readers.bucket, readers.principal
  having count(distinct reads.key) >= $min_objects
),
tested as (
  select distinct day, bucket
  from counts
),
bucket_ages as (
  select activity.bucket, min(activity.hour) as first_hour
  from activity
  join (select distinct bucket from tested) as tested_buckets on tested_buckets.bucket = activity.bucket
  group by activity.bucket
),
learned_buckets as (
  select
    tested.day, tested.bucket, bucket_ages.first_hour,
    least($baseline_days, date_diff('hour', bucket_ages.first_hour, tested.day) / 24.0) as days
  from tested
  join bucket_ages on bucket_ages.bucket = tested.bucket
  cross join settings
  where bucket_ages.first_hour <= tested.day - settings.learning_days * interval '1' day
),
-- An access-log row and its CloudTrail twin are both in the rollup: the greater of the two, never their sum.
hours as (
  select activity.bucket, activity.principal, activity.hour, max(activity.requests - activity.errors) as objects
  from activity
  join (select distinct bucket from learned_buckets) as known on known.bucket = activity.bucket
  where activity.action_class = 'read'
    and activity.requests > activity.errors
    and not activity.is_aws_service
    and activity.principal_kind not in ('service', 'cloudfront', 'anonymous', 'unauthenticated')
  group by activity.bucket, activity.principal, activity.hour
),
read_hours as (
  select
    learned_buckets.day, hours.bucket, hours.principal, hours.hour, hours.objects
  from learned_buckets
  join hours on hours.bucket = learned_buckets.bucket
  where hours.hour < learned_buckets.day
    and hours.hour >= learned_buckets.day - $baseline_days * interval '1' day
),
habits as (
  select
    day, bucket, principal,
    least($baseline_days, greatest(1.0, date_diff('hour', min(hour), day) / 24.0)) as days,
    sum(objects) as objects,
    max(objects) as greatest_hour,
    count(*) as busy_hours,
    avg(cast(objects as double)) as busy_mean,
    coalesce(var_samp(cast(objects as double)), 0) as busy_variance
  from read_hours
  group by day, bucket, principal
),
-- The same hour of each day before, the greatest within one hour of it, so that a job may start a little early or late.
same_hours as (
  select
    counts.window_start, counts.bucket, counts.principal,
    floor((date_diff('hour', read_hours.hour, counts.window_start) + 1) / 24.0) as days_back,
    max(read_hours.objects) as objects
  from counts
  join read_hours
    on read_hours.day = counts.day
    and read_hours.bucket = counts.bucket
    and read_hours.principal = counts.principal
  where mod(date_diff('hour', read_hours.hour, counts.window_start) + 1, 24) between 0 and 2
  group by counts.window_start, counts.bucket, counts.principal,
    floor((date_diff('hour', read_hours.hour, counts.window_start) + 1) / 24.0)
),
rhythms as (
  select window_start, bucket, principal, sum(objects) as objects
  from same_hours
  group by window_start, bucket, principal
),
bucket_habits as (
  select day, bucket, sum(objects) as objects, count(*) as readers
  from habits
  group by day, bucket
),
expectations as (
  select
    counts.window_start, counts.bucket, counts.principal, counts.objects, learned_buckets.first_hour,
    coalesce(habits.greatest_hour, 0) as greatest_hour,
    habits.principal is null as is_first_read,
    greatest(
      0.5,
      coalesce(habits.objects / (habits.days * 24.0), 0),
      coalesce(rhythms.objects / floor(habits.days), 0),
      case
        when habits.principal is null then coalesce(bucket_habits.objects / (bucket_habits.readers * learned_buckets.days * 24.0), 0)
        else 0
      end
    ) as mean,
    -- Size of the distribution: from the busy hours' own spread, drawn towards 1 by five busy hours' worth.
    (coalesce(habits.busy_hours, 0) + 5.0) / (5.0 + coalesce(habits.busy_hours
      * least(5.0, greatest(0.05, (habits.busy_variance - habits.busy_mean) / (habits.busy_mean * habits.busy_mean))), 0)) as size
  from counts
  join learned_buckets
    on learned_buckets.day = counts.day
    and learned_buckets.bucket = counts.bucket
  left join habits
    on habits.day = counts.day
    and habits.bucket = counts.bucket
    and habits.principal = counts.principal
  left join rhythms
    on rhythms.window_start = counts.window_start
    and rhythms.bucket = counts.bucket
    and rhythms.principal = counts.principal
  left join bucket_habits
    on bucket_habits.day = counts.day
    and bucket_habits.bucket = counts.bucket
),
findings as (
  select window_start, bucket, principal, objects, first_hour, greatest_hour, is_first_read, mean
  from expectations
  where objects > mean
    and exp((objects + size) * ln((objects + size) / (mean + size)) - objects * ln(objects / mean)) <= $max_probability
),
finding_rows as (
  select
    findings.window_start, findings.bucket, findings.principal,
    max(reads.account_id) as account_id,
    max(reads.region) as region,
    min_by(reads.key, row(reads.event_time, reads.row_id)) as key,
    min_by(reads.source_ip, row(reads.event_time, reads.row_id)) as source_ip,
    min_by(reads.user_agent, row(reads.event_time, reads.row_id)) as user_agent,
    min(reads.event_time) as first_event_at,
    max(reads.event_time) as last_event_at,
    count(*) as event_count,
    coalesce(sum(reads.bytes_out), 0) as bytes,
    min_by(reads.row_id, row(reads.event_time, reads.row_id), 10) as row_ids
  from findings
  join reads
    on reads.window_start = findings.window_start
    and reads.bucket = findings.bucket
    and reads.principal = findings.principal
  group by findings.window_start, findings.bucket, findings.principal
)
select
  findings.window_start,
  case
    when not findings.is_first_read and findings.objects < $unusual_factor * findings.greatest_hour then 'low'
    when findings.is_first_read and not coalesce(buckets.is_sensitive, false) then 'medium'
    else 'high'
  end as severity,
  findings.principal || ' read ' || cast(findings.objects as varchar) || ' different objects ('
    || cast(cast(finding_rows.bytes / 1e6 as decimal(18, 0)) as varchar) || ' MB) of the bucket ' || findings.bucket
    || ' in an hour in which about ' || cast(cast(findings.mean as decimal(18, 1)) as varchar) || ' are expected'
    || case when findings.is_first_read then '; its first reads there' else '' end as summary,
  finding_rows.account_id, finding_rows.region, findings.bucket, finding_rows.key, findings.principal, finding_rows.source_ip,
  finding_rows.user_agent, finding_rows.first_event_at, finding_rows.last_event_at, finding_rows.event_count,
  finding_rows.row_ids as evidence,
  cast(cast(findings.mean as decimal(18, 1)) as varchar) || ' objects in this hour, at most '
    || cast(findings.greatest_hour as varchar) || ' in any hour of ' || cast($baseline_days as varchar) || ' days' as expected,
  cast(findings.objects as varchar) || ' objects' as observed,
  cast(date_diff('day', findings.first_hour, findings.window_start) as integer) as history_days,
  filter(array[
    case
      when findings.is_first_read then 'reader of this bucket: UNSEEN'
      when findings.objects < $unusual_factor * findings.greatest_hour then 'hour of day: RARE'
      else 'volume: RARE'
    end,
    case when coalesce(buckets.is_sensitive, false) then 'bucket: SENSITIVE' end
  ], factor -> factor is not null) as factors
from findings
join finding_rows
  on finding_rows.window_start = findings.window_start
  and finding_rows.bucket = findings.bucket
  and finding_rows.principal = findings.principal
left join buckets on buckets.bucket = findings.bucket
order by findings.window_start, findings.bucket, findings.principal
