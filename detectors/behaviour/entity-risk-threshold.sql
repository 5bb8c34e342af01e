/*---
id: entity-risk-threshold
version: 1
title: risk of an entity over the threshold
severity: high
family: behaviour
sources: [findings]
tactic: impact
mitre: []
window: day
entity: [principal, bucket, source_ip]
needs_learning: false
params:
  threshold:
    default: 100
    unit: points
    description: Points from which on to alert. A critical finding is 100, high 50, medium 20, low 5, info 1.
  half_life_hours:
    default: 24
    unit: hours
    description: Time after which half of the points of a finding are left.
  min_detectors:
    default: 2
    unit: detectors
    description: Different detectors that must have contributed.
  min_tactics:
    default: 2
    unit: tactics
    description: Different tactics of ATT&CK that must be among them.
description: >-
  Findings about one principal, one bucket or one address add up. Each is worth points by its severity, which halve every day; a
  detector counts once an entity and day, with its worst, so that one that repeats itself does not add up alone. Weak signs of
  different kinds about the same entity are what single detectors miss. A finding names one entity; findings that a principal
  explains are not counted again for its bucket, nor those of both for the address. Suppressed findings and those of dry runs do
  not count.
false_positives:
  - A new service that is new in every way on its first days. Suppress its findings with a last day, and they do not count.
  - An administrator who rebuilds a bucket.
known_gaps:
  - Anonymous callers are everybody and have no risk as a principal; their buckets and addresses have.
  - Addresses of trusted networks and private ones have no risk of their own, because many people share them.
  - An attacker who changes principal, bucket and address with every step is not put together.
  - Late logs are counted on their day and the next one; what they would add to later days is not.
next_steps:
  - "See what adds up: bucketwatch findings list, and look for the principal, bucket or address of this finding."
  - "See what it did: bucketwatch query principal-activity --param principal='<principal>'"
  - If one of the findings is explained, suppress that one with a reason and a last day; the risk falls by its points.
references:
  - https://attack.mitre.org/tactics/enterprise/
---*/
with
entities as (
  select 'principal' as kind, principal as entity, signal_id, detector, tactic, points, first_event_at, last_event_at, event_count
  from signals
  where principal is not null
    and principal not in ('anonymous', 'unauthenticated')
    and not starts_with(principal, 'service:')
  union all
  select 'bucket', bucket, signal_id, detector, tactic, points, first_event_at, last_event_at, event_count
  from signals
  where bucket is not null
  union all
  select 'address', source_ip, signal_id, detector, tactic, points, first_event_at, last_event_at, event_count
  from signals
  where is_strange_ip
),
-- A detector counts once an entity and day, with its worst.
contributions as (
  select
    kind, entity, detector, tactic, date_trunc('day', first_event_at) as day,
    max(points) as points,
    min_by(first_event_at, row(-points, first_event_at, signal_id)) as happened_at,
    min_by(signal_id, row(-points, first_event_at, signal_id)) as signal_id,
    max(last_event_at) as last_event_at,
    sum(event_count) as event_count
  from entities
  group by kind, entity, detector, tactic, date_trunc('day', first_event_at)
),
moments as (
  select distinct kind, entity, happened_at
  from contributions
  where happened_at >= $from
    and happened_at < $to
),
decayed as (
  select
    moments.kind, moments.entity, moments.happened_at as moment,
    contributions.signal_id, contributions.detector, contributions.tactic, contributions.happened_at, contributions.last_event_at,
    contributions.event_count,
    contributions.points * power(0.5, date_diff('second', contributions.happened_at, moments.happened_at) / (3600.0 * $half_life_hours)) as points
  from moments
  join contributions
    on contributions.kind = moments.kind
    and contributions.entity = moments.entity
    and contributions.happened_at <= moments.happened_at
    and contributions.happened_at > moments.happened_at - interval '7' day
),
principal_risks as (
  select entity, moment
  from decayed
  where kind = 'principal'
  group by entity, moment
  having sum(points) >= $threshold
    and count(distinct detector) >= $min_detectors
    and count(distinct tactic) >= $min_tactics
),
-- What a principal explains on that day does not count for its bucket.
bucket_parts as (
  select decayed.kind, decayed.entity, decayed.moment, decayed.signal_id, decayed.detector, decayed.tactic, decayed.happened_at,
    decayed.last_event_at, decayed.event_count, decayed.points
  from decayed
  join signals on signals.signal_id = decayed.signal_id
  where decayed.kind = 'bucket'
    and not exists (
      select 1
      from principal_risks
      where principal_risks.entity = signals.principal
        and date_trunc('day', principal_risks.moment) = date_trunc('day', decayed.moment)
    )
),
bucket_risks as (
  select entity, moment
  from bucket_parts
  group by entity, moment
  having sum(points) >= $threshold
    and count(distinct detector) >= $min_detectors
    and count(distinct tactic) >= $min_tactics
),
address_parts as (
  select decayed.kind, decayed.entity, decayed.moment, decayed.signal_id, decayed.detector, decayed.tactic, decayed.happened_at,
    decayed.last_event_at, decayed.event_count, decayed.points
  from decayed
  join signals on signals.signal_id = decayed.signal_id
  where decayed.kind = 'address'
    and not exists (
      select 1
      from principal_risks
      where principal_risks.entity = signals.principal
        and date_trunc('day', principal_risks.moment) = date_trunc('day', decayed.moment)
    )
    and not exists (
      select 1
      from bucket_risks
      where bucket_risks.entity = signals.bucket
        and date_trunc('day', bucket_risks.moment) = date_trunc('day', decayed.moment)
    )
),
parts as (
  select kind, entity, moment, signal_id, detector, tactic, happened_at, last_event_at, event_count, points
  from decayed
  where kind = 'principal'
  union all
  select kind, entity, moment, signal_id, detector, tactic, happened_at, last_event_at, event_count, points from bucket_parts
  union all
  select kind, entity, moment, signal_id, detector, tactic, happened_at, last_event_at, event_count, points from address_parts
),
sums as (
  select
    kind, entity, moment,
    sum(points) as points,
    count(distinct detector) as detectors,
    count(distinct tactic) as tactics,
    min(happened_at) as first_event_at,
    max(last_event_at) as last_event_at,
    sum(event_count) as event_count,
    array_agg(signal_id order by points desc, happened_at desc, signal_id) as signal_ids,
    array_agg(detector || ' ' || cast(cast(round(points) as integer) as varchar) order by points desc, happened_at desc, signal_id) as shares
  from parts
  group by kind, entity, moment
),
-- The moment of the day at which the risk was greatest.
peaks as (
  select
    date_trunc('day', moment) as window_start, kind, entity,
    max_by(moment, row(points, moment)) as moment
  from sums
  where points >= $threshold
    and detectors >= $min_detectors
    and tactics >= $min_tactics
  group by date_trunc('day', moment), kind, entity
)
select
  peaks.window_start,
  peaks.kind || ' ' || peaks.entity || ' has ' || cast(cast(round(sums.points) as integer) as varchar) || ' points of risk by '
    || cast(sums.detectors as varchar) || ' detectors: ' || array_join(slice(sums.shares, 1, 5), ', ')
    || case when cardinality(sums.shares) > 5 then ', …' else '' end as summary,
  case when peaks.kind = 'principal' then peaks.entity end as principal,
  case when peaks.kind = 'bucket' then peaks.entity end as bucket,
  case when peaks.kind = 'address' then peaks.entity end as source_ip,
  sums.first_event_at, sums.last_event_at,
  cast(sums.event_count as bigint) as event_count,
  slice(sums.signal_ids, 1, 10) as evidence,
  'less than ' || cast($threshold as varchar) || ' points' as expected,
  cast(cast(round(sums.points) as integer) as varchar) || ' points' as observed,
  slice(sums.shares, 1, 10) as factors
from peaks
join sums
  on sums.kind = peaks.kind
  and sums.entity = peaks.entity
  and sums.moment = peaks.moment
order by peaks.window_start, peaks.kind, peaks.entity
