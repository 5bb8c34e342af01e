/*---
id: log-delivery-gap
version: 1
title: logs stopped arriving
severity: medium
severity_rules:
  - high when logging or a trail was switched off, redirected or narrowed in the day before the silence was noticed
  - low when no other log shows that there was anything to log
family: logging
sources: [access_log, cloudtrail_data]
tactic: defense-evasion
mitre: [T1562.008]
window: day
entity: [bucket]
needs_learning: true
learns: How busy each log is, and its longest usual silence.
params:
  gap_hours:
    default: 6
    unit: hours
    description: Shortest silence that counts.
  late_hours:
    default: 6
    unit: hours
    description: How late log files may come; the silence is judged only when other logs are this much further.
  min_requests:
    default: 20
    unit: requests per hour
    description: Logged requests in a usual active hour of the bucket, or of all CloudTrail events about S3.
  usual_gap_factor:
    default: 2
    description: The silence must be this many times as long as the longest one of the 28 days before.
description: >-
  A log that used to be busy fell silent while other logs went on: the access log of one bucket, or the S3 events of
  CloudTrail as a whole. The silence must be longer than any usual one (nights, weekends) and is judged only once other
  logs are far enough ahead that late files cannot explain it. Two reasons are possible: nothing happened, or nobody wrote
  it down.
false_positives:
  - An application that was switched off; low unless CloudTrail still sees requests to the bucket.
  - A delivery delay of AWS beyond late_hours; the window is judged again when the files come.
known_gaps:
  - Access logs are best effort, so this never proves a loss; and a bucket with little traffic is not judged.
  - The rollups know CloudTrail's hours for S3 only, not by account or region, so one silent region does not show.
  - The end of all logs at once does not show here; bucketwatch doctor tells when nothing new arrives.
  - Missing digest files are not looked for.
next_steps:
  - "See when it stopped: select date_trunc('hour', event_time) as hour, count(*) from s3_access_log where bucket = '<bucket>' group by hour order by hour desc limit 48."
  - "Look for the reason: select event_time, event_name, principal, request_parameters from cloudtrail where event_name in ('PutBucketLogging', 'StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors', 'PutBucketPolicy', 'PutBucketAcl') order by event_time desc limit 20."
  - "Check that delivery works: aws s3api get-bucket-logging --bucket <bucket>, aws cloudtrail get-trail-status; a policy or key of the target that refuses the service stops it silently."
  - Read the other log for the time in question.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html#LogDeliveryBestEffort
  - https://attack.mitre.org/techniques/T1562/008/
---*/
with
series as (
  select bucket, hour, sum("requests") as request_count
  from activity
  where source = 'access_log'
    and bucket is not null
    and not is_aws_service
  group by bucket, hour
  union all
  select cast(null as varchar), hour, sum("requests")
  from activity
  where source = 'cloudtrail'
  group by hour
),
-- How far the logs have come: what is behind the others by more than late_hours is silent, and not only late.
reached as (
  select max(hour) as logs_until
  from series
),
steps as (
  select
    bucket, hour, request_count,
    lead(hour) over (partition by bucket order by hour) as next_hour
  from series
),
silences as (
  select
    steps.bucket, steps.hour as last_hour, steps.next_hour,
    coalesce(steps.next_hour, reached.logs_until) as silent_until
  from steps
  cross join reached
  where steps.hour >= $from - interval '14' day
    and coalesce(steps.next_hour, reached.logs_until - $late_hours * interval '1' hour) >= steps.hour + ($gap_hours + 1) * interval '1' hour
),
habits as (
  select
    silences.bucket, silences.last_hour, silences.next_hour, silences.silent_until,
    min(steps.hour) as first_hour,
    count(distinct date_trunc('day', steps.hour)) as active_days,
    approx_percentile(steps.request_count, 0.5) as usual_requests,
    max(case when steps.hour < silences.last_hour then date_diff('hour', steps.hour, steps.next_hour) - 1 else 0 end) as longest_gap
  from silences
  join steps on steps.bucket is not distinct from silences.bucket
  where steps.hour <= silences.last_hour
    and steps.hour >= silences.last_hour - interval '28' day
  group by silences.bucket, silences.last_hour, silences.next_hour, silences.silent_until
),
-- The moment at which a silence is long and certain enough, or at which it ended after having been long enough.
moments as (
  select
    bucket, last_hour, next_hour, silent_until, first_hour, active_days, usual_requests, longest_gap,
    last_hour + (greatest($gap_hours, $usual_gap_factor * longest_gap) + 1) * interval '1' hour as too_long_at,
    last_hour + (greatest($gap_hours, $usual_gap_factor * longest_gap) + $late_hours + 1) * interval '1' hour as certain_at
  from habits
),
noticed as (
  select
    bucket, last_hour, next_hour, silent_until, first_hour, active_days, usual_requests, longest_gap,
    least(certain_at, coalesce(next_hour, certain_at)) as noticed_at
  from moments
  where least(certain_at, coalesce(next_hour, certain_at)) >= $from
    and least(certain_at, coalesce(next_hour, certain_at)) < $to
    and coalesce(next_hour >= too_long_at, silent_until >= certain_at)
),
-- What the other log saw of the same while this one was silent.
other_log as (
  select
    noticed.bucket, noticed.last_hour,
    sum(activity."requests") as seen_requests
  from noticed
  join activity
    on activity.hour > noticed.last_hour
    and activity.hour < noticed.silent_until
    and (
      noticed.bucket is null and activity.source = 'access_log'
      or noticed.bucket is not null and activity.source = 'cloudtrail' and activity.bucket = noticed.bucket
    )
  where not activity.is_aws_service
    and activity.action_class in ('read', 'list', 'write', 'delete')
  group by noticed.bucket, noticed.last_hour
),
tampering as (
  select
    noticed.bucket, noticed.last_hour,
    max_by(changes.event_name, row(changes.event_time, changes.row_id)) as event_name,
    max_by(changes.principal, row(changes.event_time, changes.row_id)) as principal
  from noticed
  join control_changes as changes
    on noticed.bucket is not null and changes.control = 'server-access-logging' and changes.resource = noticed.bucket
    or noticed.bucket is null
      and changes.control in ('s3-data-events', 'management-events', 'trail-scope', 'trail-destination')
  where changes.is_weaker
    or changes.control = 'server-access-logging' and changes.all_off
  group by noticed.bucket, noticed.last_hour
)
select
  date_trunc('day', noticed.noticed_at) as window_start,
  case
    when tampering.event_name is not null then 'high'
    when coalesce(other_log.seen_requests, 0) = 0 then 'low'
    else 'medium'
  end as severity,
  case when noticed.bucket is null then 'CloudTrail shows no S3 events' else 'the access log of bucket ' || noticed.bucket || ' is silent' end
    || case
      when noticed.next_hour is null then ' since ' else ' after '
    end || substr(cast(noticed.last_hour as varchar), 1, 13) || ':00 UTC' as summary,
  noticed.bucket,
  tampering.principal,
  noticed.last_hour as first_event_at,
  noticed.noticed_at as last_event_at,
  1 as event_count,
  'silences of at most ' || cast(noticed.longest_gap as varchar) || ' hours, ' || cast(cast(noticed.usual_requests as bigint) as varchar)
    || ' requests in a usual hour' as expected,
  'silent for ' || cast(date_diff('hour', noticed.last_hour, noticed.silent_until) - 1 as varchar) || ' hours'
    || case when coalesce(other_log.seen_requests, 0) > 0
      then ', in which the other log saw ' || cast(cast(other_log.seen_requests as bigint) as varchar) || ' requests' else '' end as observed,
  cast(date_diff('day', noticed.first_hour, noticed.last_hour) as integer) as history_days,
  array[
    case when coalesce(other_log.seen_requests, 0) > 0 then 'other log: SEES REQUESTS' else 'other log: SILENT OR ABSENT' end,
    case when tampering.event_name is not null then 'logging changed: ' || tampering.event_name end
  ] as factors
from noticed
cross join settings
left join other_log
  on other_log.bucket is not distinct from noticed.bucket
  and other_log.last_hour = noticed.last_hour
left join tampering
  on tampering.bucket is not distinct from noticed.bucket
  and tampering.last_hour = noticed.last_hour
where noticed.first_hour <= noticed.last_hour - settings.learning_days * interval '1' day
  and noticed.active_days >= least(7, settings.learning_days)
  and noticed.usual_requests >= $min_requests
order by window_start, noticed.bucket
