/*---
id: object-listing-anomaly
version: 1
title: listings far above normal
severity: low
severity_rules:
  - medium when the bucket is sensitive
family: discovery
sources: [access_log, cloudtrail_data]
tactic: discovery
mitre: [T1619]
window: hour
entity: [bucket, principal]
needs_learning: true
learns: How often each principal lists each bucket an hour.
params:
  min_requests:
    default: 50
    unit: requests
    description: Listings in an hour, by one principal in one bucket, from which on they are judged.
  min_score:
    default: 6
    unit: robust standard deviations
    description: How far ln(1 + listings) must lie above the median of the history.
  min_ratio:
    default: 3
    unit: times the 99th percentile
    description: How far the listings must exceed the 99th percentile of the history.
  min_windows:
    default: 10
    unit: hours with listings
    description: Hours with listings that the history needs to be the principal's own baseline.
  baseline_days:
    default: 30
    unit: days
    description: History that gives the baseline.
description: >-
  A principal listed a bucket (its objects, versions or uploads, or asked whether it is there) far more often in an hour
  than usual. The hour is compared with its hours of the baseline there, by robust z on ln(1 + listings) and a multiple of
  the 99th percentile (the baseline ends with the day before); that alone is what every re-index looks like, so it alerts only when the network is new for the
  principal as well, or the number is as far above what the other principals list there. A principal with too little
  history in the bucket is held against the others' hours. HeadObject is left out, against the catalogue: the
  rollups count it among the reads, so that it has no history of its own.
false_positives:
  - The first run of a sync, inventory or backup tool on a large bucket.
known_gaps:
  - One listing answers with up to 1000 keys, so a bucket of less than 50,000 objects is listed whole without a finding.
  - What a principal always lists is normal, whatever it looks for.
  - A bucket that is younger than the learning period is not judged.
next_steps:
  - "See the listings beside the baseline: select date_trunc('hour', event_time), action, count(*) from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class = 'list' group by 1, 2 order by 1."
  - "See what it read afterwards: select event_time, action, key, bytes_out from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class = 'read' order by event_time desc limit 100."
  - Ask the owner of the principal whether a job changed; else look at its addresses and sessions.
references:
  - https://attack.mitre.org/techniques/T1619/
  - https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-s3.html
---*/
with
listings as (
  select
    date_trunc('hour', events.event_time) as window_start,
    events.event_time, events.account_id, events.region, events.bucket, events.principal, events.source_ip,
    events.user_agent, events.row_id
  from s3_events as events
  left join buckets on buckets.bucket = events.bucket
  where events.action_class = 'list'
    and events.is_success
    and events.bucket is not null
    and events.principal_kind not in ('service', 'cloudfront', 'anonymous', 'unauthenticated')
    and not events.is_aws_service
    and not coalesce(buckets.is_public, false)
),
totals as (
  select
    window_start, bucket, principal,
    date_trunc('day', window_start) as day,
    max(account_id) as account_id,
    max(region) as region,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as requests,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from listings
  group by window_start, bucket, principal
  having count(*) >= $min_requests
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
  where activity.action_class = 'list'
    and activity.requests > activity.errors
    and not activity.is_aws_service
    and activity.principal_kind not in ('service', 'cloudfront', 'anonymous', 'unauthenticated')
  group by activity.bucket, activity.principal, activity.hour
),
list_hours as (
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
),
-- Percentiles are exact, by position in the sorted list: approximate ones depend on the order of the rows.
own_hours as (
  select
    list_hours.day, list_hours.bucket, list_hours.principal,
    count(*) as windows,
    min(list_hours.hour) as first_hour,
    max(list_hours.requests) as greatest,
    element_at(array_sort(array_agg(list_hours.requests)), cast(ceil(0.99 * count(*)) as bigint)) as high,
    element_at(array_sort(array_agg(list_hours.log_requests)), cast(ceil(0.5 * count(*)) as bigint)) as median
  from list_hours
  join testees
    on testees.day = list_hours.day
    and testees.bucket = list_hours.bucket
    and testees.principal = list_hours.principal
  group by list_hours.day, list_hours.bucket, list_hours.principal
),
own_spreads as (
  select
    list_hours.day, list_hours.bucket, list_hours.principal,
    element_at(array_sort(array_agg(abs(list_hours.log_requests - own_hours.median))), cast(ceil(0.5 * count(*)) as bigint)) as spread
  from list_hours
  join own_hours
    on own_hours.day = list_hours.day
    and own_hours.bucket = list_hours.bucket
    and own_hours.principal = list_hours.principal
  group by list_hours.day, list_hours.bucket, list_hours.principal
),
peer_hours as (
  select
    testees.day, testees.bucket, testees.principal,
    element_at(array_sort(array_agg(list_hours.requests)), cast(ceil(0.99 * count(*)) as bigint)) as high
  from testees
  join list_hours
    on list_hours.day = testees.day
    and list_hours.bucket = testees.bucket
  where list_hours.principal <> testees.principal
  group by testees.day, testees.bucket, testees.principal
),
judged as (
  select
    totals.window_start, totals.bucket, totals.principal, totals.requests, learned_buckets.first_hour,
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
),
spikes as (
  select
    window_start, bucket, principal, requests, first_hour, windows, has_own_baseline, peer_high,
    case when has_own_baseline then own_high else greatest(peer_high, own_greatest) end as high,
    case when has_own_baseline then score end as score
  from judged
  where (has_own_baseline and score >= $min_score and requests >= $min_ratio * own_high)
    or (not has_own_baseline and requests >= $min_ratio * peer_high and requests >= $min_ratio * own_greatest)
),
-- Networks of the hour that the principal was not seen in on any day before.
new_networks as (
  select distinct spikes.window_start, spikes.bucket, spikes.principal
  from spikes
  join listings
    on listings.window_start = spikes.window_start
    and listings.bucket = spikes.bucket
    and listings.principal = spikes.principal
  join networks on networks.source_ip = listings.source_ip
  where networks.is_global
    and not networks.is_trusted
    and not exists (
      select 1
      from sightings
      where sightings.dimension = 'principal-network'
        and sightings.entity = spikes.principal
        and sightings.value = networks.network
        and sightings.day < cast(spikes.window_start as date)
    )
)
select
  spikes.window_start,
  case when coalesce(buckets.is_sensitive, false) then 'medium' else 'low' end as severity,
  spikes.principal || ' listed the bucket ' || spikes.bucket || ' ' || cast(spikes.requests as varchar)
    || ' times in an hour, against at most ' || cast(spikes.high as varchar) || ' before'
    || case when new_networks.principal is not null then ', from a network that is new for it' else '' end as summary,
  totals.account_id, totals.region, spikes.bucket, spikes.principal, totals.source_ip, totals.user_agent,
  totals.first_event_at, totals.last_event_at,
  spikes.requests as event_count,
  totals.row_ids as evidence,
  cast(spikes.high as varchar) || ' listings an hour (99th percentile of '
    || case when spikes.has_own_baseline then cast(spikes.windows as varchar) || ' own hours)' else 'all principals)' end as expected,
  cast(spikes.requests as varchar) || ' listings'
    || case when spikes.score is null then '' else ', robust z ' || cast(cast(spikes.score as decimal(18, 1)) as varchar) end as observed,
  cast(date_diff('day', spikes.first_hour, spikes.window_start) as integer) as history_days,
  filter(array[
    'volume: RARE',
    case when spikes.windows = 0 then 'listings of this bucket: UNSEEN' end,
    case when new_networks.principal is not null then 'network: UNSEEN' end,
    case when coalesce(buckets.is_sensitive, false) then 'bucket: SENSITIVE' end
  ], factor -> factor is not null) as factors
from spikes
join totals
  on totals.window_start = spikes.window_start
  and totals.bucket = spikes.bucket
  and totals.principal = spikes.principal
left join new_networks
  on new_networks.window_start = spikes.window_start
  and new_networks.bucket = spikes.bucket
  and new_networks.principal = spikes.principal
left join buckets on buckets.bucket = spikes.bucket
where not spikes.has_own_baseline
  or new_networks.principal is not null
  or spikes.requests >= $min_ratio * spikes.peer_high
order by spikes.window_start, spikes.bucket, spikes.principal
