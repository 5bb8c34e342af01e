/*---
id: multi-bucket-read-sweep
version: 1
title: many buckets read for the first time
severity: high
severity_rules:
  - medium when the principal itself was never seen before (a new role has to start somewhere)
  - low when the principal is used to finding new buckets (more than max_new_per_day a day)
family: exfiltration
sources: [access_log, cloudtrail_data]
tactic: collection
mitre: [T1530, T1119]
window: hour
entity: [principal]
needs_learning: true
learns: The buckets that each principal reads.
params:
  min_buckets:
    default: 5
    unit: buckets
    description: Buckets that a principal reads in an hour and never read before, from which on to alert.
  max_new_per_day:
    default: 1
    unit: buckets per active day
    description: A principal that found more new buckets than this is used to it.
description: >-
  Within an hour a principal read objects of several buckets that it had not read in 90 days before. Whoever holds a
  stolen key and may read everything tries bucket after bucket. Only successful reads of objects count (not HEAD), and only
  buckets that were already there and logged before the learning period: a new bucket is new for everybody. Public buckets, AWS
  services, CloudFront and anonymous callers are left out.
false_positives:
  - The first run of an inventory, search or data-protection scanner; suppress its principal.
  - An administrator who looks through the buckets of the account once a year.
known_gaps:
  - Fewer buckets an hour stay below; bucket-new-requester looks at each of them.
  - A foreign account's callers are one principal when CloudTrail shows no more of them.
  - Nothing is judged before the lake is as old as the learning period.
next_steps:
  - "See what it read: select bucket, count(*), count(distinct key), sum(bytes_out) from s3_events where principal = '<principal>' and action_class = 'read' group by bucket order by 4 desc."
  - "See from where and with what: select source_ip, user_agent, min(event_time), count(*) from s3_events where principal = '<principal>' group by source_ip, user_agent."
  - Find out who can use the principal and whether a job changed; if nobody knows, revoke its sessions and rotate its keys.
references:
  - https://attack.mitre.org/techniques/T1530/
  - https://attack.mitre.org/techniques/T1119/
---*/
with
hour_pairs as (
  select date_trunc('hour', events.event_time) as window_start, events.principal, events.bucket
  from s3_events as events
  left join buckets on buckets.bucket = events.bucket
  where events.action_class = 'read'
    and events.action <> 'HeadObject'
    and events.is_success
    and events.bucket is not null
    and events.principal_kind not in ('service', 'cloudfront', 'anonymous', 'unauthenticated')
    and not events.is_aws_service
    and not coalesce(buckets.is_public, false)
  group by date_trunc('hour', events.event_time), events.principal, events.bucket
),
known_pairs as (
  select activity.principal, activity.bucket, min(activity.hour) as first_hour
  from (select distinct principal from hour_pairs) as tested
  join activity on activity.principal = tested.principal
  where activity.action_class = 'read'
    and activity.requests > activity.errors
    and activity.bucket is not null
  group by activity.principal, activity.bucket
),
unknown_pairs as (
  select hour_pairs.window_start, hour_pairs.principal, hour_pairs.bucket
  from hour_pairs
  left join known_pairs
    on known_pairs.principal = hour_pairs.principal
    and known_pairs.bucket = hour_pairs.bucket
    and known_pairs.first_hour < hour_pairs.window_start
  where known_pairs.principal is null
),
bucket_ages as (
  select activity.bucket, min(activity.hour) as first_hour
  from (select distinct bucket from unknown_pairs) as tested
  join activity on activity.bucket = tested.bucket
  group by activity.bucket
),
new_pairs as (
  select unknown_pairs.window_start, unknown_pairs.principal, unknown_pairs.bucket
  from unknown_pairs
  cross join settings
  join bucket_ages
    on bucket_ages.bucket = unknown_pairs.bucket
    and bucket_ages.first_hour <= unknown_pairs.window_start - settings.learning_days * interval '1' day
),
sweepers as (
  select window_start, principal, count(*) as buckets, array_sort(array_agg(bucket)) as bucket_list
  from new_pairs
  group by window_start, principal
  having count(*) >= $min_buckets
),
presences as (
  select
    sweepers.window_start, sweepers.principal,
    min(activity.hour) as first_hour,
    count(distinct date_trunc('day', activity.hour)) as active_days
  from sweepers
  join activity
    on activity.principal = sweepers.principal
    and activity.hour < sweepers.window_start
  group by sweepers.window_start, sweepers.principal
),
-- Buckets that the principal found after it had been seen for the learning period.
finds as (
  select
    presences.window_start, presences.principal,
    sum(case when known_pairs.first_hour >= presences.first_hour + settings.learning_days * interval '1' day then 1 else 0 end) as later_buckets
  from presences
  cross join settings
  join known_pairs
    on known_pairs.principal = presences.principal
    and known_pairs.first_hour < presences.window_start
  group by presences.window_start, presences.principal
),
swept as (
  select new_pairs.window_start, new_pairs.principal, new_pairs.bucket
  from new_pairs
  join sweepers
    on sweepers.window_start = new_pairs.window_start
    and sweepers.principal = new_pairs.principal
),
sweep_reads as (
  select
    swept.window_start, swept.principal, events.event_time, events.account_id, events.region, events.source_ip, events.user_agent,
    events.bytes_out, events.row_id,
    row_number() over (partition by swept.window_start, swept.principal, swept.bucket order by events.event_time, events.row_id) as place
  from swept
  join s3_events as events
    on events.principal = swept.principal
    and events.bucket = swept.bucket
    and date_trunc('hour', events.event_time) = swept.window_start
  where events.action_class = 'read'
    and events.action <> 'HeadObject'
    and events.is_success
    and not events.is_aws_service
),
-- The rows that show it are the first of each bucket.
sweeps as (
  select
    sweep_reads.window_start, sweep_reads.principal, sweepers.buckets, sweepers.bucket_list,
    max(sweep_reads.account_id) as account_id,
    max(sweep_reads.region) as region,
    min_by(sweep_reads.source_ip, row(sweep_reads.event_time, sweep_reads.row_id)) as source_ip,
    min_by(sweep_reads.user_agent, row(sweep_reads.event_time, sweep_reads.row_id)) as user_agent,
    min(sweep_reads.event_time) as first_event_at,
    max(sweep_reads.event_time) as last_event_at,
    count(*) as reads,
    coalesce(sum(sweep_reads.bytes_out), 0) as bytes,
    min_by(sweep_reads.row_id, row(sweep_reads.place, sweep_reads.event_time, sweep_reads.row_id), 10) as row_ids
  from sweep_reads
  join sweepers
    on sweepers.window_start = sweep_reads.window_start
    and sweepers.principal = sweep_reads.principal
  group by sweep_reads.window_start, sweep_reads.principal, sweepers.buckets, sweepers.bucket_list
)
select
  sweeps.window_start,
  case
    when presences.principal is null then 'medium'
    when coalesce(finds.later_buckets, 0) > $max_new_per_day * presences.active_days then 'low'
    else 'high'
  end as severity,
  sweeps.principal || ' read ' || cast(sweeps.buckets as varchar) || ' buckets within an hour that it never read before ('
    || cast(sweeps.reads as varchar) || ' reads, ' || cast(cast(sweeps.bytes / 1e6 as decimal(18, 0)) as varchar) || ' MB): '
    || element_at(sweeps.bucket_list, 1) || coalesce(', ' || element_at(sweeps.bucket_list, 2), '')
    || case when cardinality(sweeps.bucket_list) > 2 then ' and ' || cast(cardinality(sweeps.bucket_list) - 2 as varchar) || ' more' else '' end
    as summary,
  sweeps.account_id, sweeps.region, sweeps.principal, sweeps.source_ip, sweeps.user_agent, sweeps.first_event_at,
  sweeps.last_event_at,
  sweeps.reads as event_count,
  sweeps.row_ids as evidence,
  case
    when presences.principal is null then 'nothing known of this principal'
    else cast(coalesce(finds.later_buckets, 0) as varchar) || ' new buckets in ' || cast(presences.active_days as varchar) || ' active days'
  end as expected,
  cast(sweeps.buckets as varchar) || ' new buckets in an hour' as observed,
  cast(coalesce(date_diff('day', presences.first_hour, sweeps.window_start), 0) as integer) as history_days,
  filter(array[
    'buckets: UNSEEN',
    case when presences.principal is null then 'principal: UNSEEN' end,
    case when coalesce(finds.later_buckets, 0) > $max_new_per_day * presences.active_days then 'new buckets: FREQUENT' end
  ], factor -> factor is not null) as factors
from sweeps
left join presences
  on presences.window_start = sweeps.window_start
  and presences.principal = sweeps.principal
left join finds
  on finds.window_start = sweeps.window_start
  and finds.principal = sweeps.principal
order by sweeps.window_start, sweeps.principal
