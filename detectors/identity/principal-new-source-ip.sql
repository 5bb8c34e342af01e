/*---
id: principal-new-source-ip
version: 1
title: principal seen from a new source network
severity: low
severity_rules:
  - medium when a second thing is new for the principal in the requests from that network, namely a bucket, a class of action or an hour of the day
  - info when three or more other principals used the network in the seven days before (a moved office, a new NAT gateway)
family: identity
sources: [access_log, cloudtrail_data]
tactic: initial-access
mitre: [T1078.004]
window: day
entity: [principal]
needs_learning: true
learns: The networks, buckets, classes of action and hours of the day of each principal.
params:
  baseline_days:
    default: 90
    unit: days
    description: A network that the principal used in this many days before is known.
  min_active_days:
    default: 5
    unit: days
    description: Days with requests that a principal needs before its networks count as learned.
  max_new_per_day:
    default: 1
    unit: networks per active day
    description: A principal that gains more new networks than this is not judged.
  max_networks:
    default: 20
    unit: networks
    description: A principal that came from this many networks is not judged (Lambda, Fargate, mobile users).
  roll_out_peers:
    default: 3
    unit: principals
    description: Other principals that used the network in the seven days before, from which on it is a roll-out.
description: >-
  A role, user or root user of the logs came from a network (IPv4 /24 or IPv6 /48) that it did not use before. One finding
  for a principal and day lists all its new networks. Trusted networks, private addresses (VPC endpoints), AWS services and
  principals that always change their network are left out. A new network alone is weak evidence, hence low; stolen
  credentials are usually new in more than one way.
false_positives:
  - Home internet providers, hotels and mobile networks; NAT pools that rotate.
  - A workload that moved to another VPC or region; list its egress under networks.trusted.
known_gaps:
  - A thief in a network that the principal uses (the same cloud /24, the same VPN) is not seen.
  - Only requests to S3 are looked at; the principal's use of other services is not in the rollup.
  - The user agent and the autonomous system have no history in the rollups, so they are no second dimension yet.
  - Callers of other accounts are one entity an account in CloudTrail and are not judged.
next_steps:
  - "List the requests from the new network: select event_time, action, bucket, key, status, user_agent, access_key_id from s3_events where principal = '<principal>' and source_ip = '<source_ip>' order by event_time."
  - "See where the principal usually comes from: select source_ip, user_agent, count(*) from s3_events where principal = '<principal>' group by source_ip, user_agent order by 3 desc."
  - Look up the owner of the address (whois, an ASN database) and ask the owner of the principal.
  - If it is a long-term key (AKIA…), rotate it; if it is a role, revoke older sessions and find the AssumeRole call.
references:
  - https://attack.mitre.org/techniques/T1078/004/
  - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
---*/
with
-- The rollup says from where each principal came in the day; only what is new is looked up in the logs.
used_networks as (
  select distinct cast(sightings.day as timestamp) as window_start, sightings.entity as principal, sightings.value as network
  from sightings
  join networks on networks.network = sightings.value
  where sightings.dimension = 'principal-network'
    and sightings.day >= cast($from as date)
    and networks.is_global
    and not networks.is_trusted
),
-- The rollup holds the requests of both logs: the greater of the two, never their sum.
principal_networks as (
  select
    tested.window_start, tested.principal, sightings.day, sightings.value as network,
    max(sightings.events) as events
  from (select distinct window_start, principal from used_networks) as tested
  join sightings on sightings.entity = tested.principal
  where sightings.dimension = 'principal-network'
    and sightings.day < cast(tested.window_start as date)
    and sightings.day >= cast(tested.window_start - $baseline_days * interval '1' day as date)
  group by tested.window_start, tested.principal, sightings.day, sightings.value
),
principal_history as (
  select
    window_start, principal,
    min(day) as first_day,
    count(distinct day) as active_days,
    sum(events) as events
  from principal_networks
  group by window_start, principal
),
known_networks as (
  select
    window_start, principal, network,
    min(day) as first_day,
    sum(events) as events
  from principal_networks
  group by window_start, principal, network
),
network_habits as (
  select
    known_networks.window_start, known_networks.principal,
    count(*) as networks,
    max_by(known_networks.network, row(known_networks.events, known_networks.network)) as usual_network,
    sum(case
      when date_diff('day', principal_history.first_day, known_networks.first_day) >= settings.learning_days then 1
      else 0
    end) as later_networks
  from known_networks
  join principal_history
    on principal_history.window_start = known_networks.window_start
    and principal_history.principal = known_networks.principal
  cross join settings
  group by known_networks.window_start, known_networks.principal
),
new_networks as (
  select
    used_networks.window_start, used_networks.principal, used_networks.network,
    principal_history.first_day, principal_history.active_days, network_habits.networks, network_habits.usual_network
  from used_networks
  cross join settings
  join principal_history
    on principal_history.window_start = used_networks.window_start
    and principal_history.principal = used_networks.principal
  join network_habits
    on network_habits.window_start = used_networks.window_start
    and network_habits.principal = used_networks.principal
  left join known_networks
    on known_networks.window_start = used_networks.window_start
    and known_networks.principal = used_networks.principal
    and known_networks.network = used_networks.network
  where known_networks.network is null
    and date_diff('day', principal_history.first_day, cast(used_networks.window_start as date)) >= settings.learning_days
    and principal_history.events >= settings.learning_min_events
    and principal_history.active_days >= least($min_active_days, settings.learning_days)
    and network_habits.networks < $max_networks
    and network_habits.later_networks <= $max_new_per_day * principal_history.active_days
),
new_events as (
  select
    new_networks.window_start,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.principal, events.action_class,
    networks.network, events.source_ip, events.user_agent, events.access_key_id, events.row_id,
    hour(events.event_time) as hour_of_day, new_networks.first_day, new_networks.active_days, new_networks.networks,
    new_networks.usual_network
  from s3_events as events
  join new_networks
    on new_networks.window_start = date_trunc('day', events.event_time)
    and new_networks.principal = events.principal
    and new_networks.network = events.source_network
  join networks on networks.source_ip = events.source_ip
  where events.principal_kind in ('role', 'user', 'root', 'federated')
    and not events.is_aws_service
    and networks.is_global
    and not networks.is_trusted
),
habits as (
  select distinct
    tested.window_start, tested.principal, activity.bucket, activity.action_class, hour(activity.hour) as hour_of_day
  from (select distinct window_start, principal from new_networks) as tested
  join activity on activity.principal = tested.principal
  where activity.hour < tested.window_start
    and activity.hour >= tested.window_start - $baseline_days * interval '1' day
),
known_buckets as (
  select distinct window_start, principal, bucket from habits
),
known_classes as (
  select distinct window_start, principal, action_class from habits
),
-- An hour of the day is known when the principal was active within one hour of it.
known_hours as (
  select distinct habits.window_start, habits.principal, mod(habits.hour_of_day + shifts.shift + 24, 24) as hour_of_day
  from habits
  cross join (values (-1), (0), (1)) as shifts(shift)
),
findings as (
  select
    new_events.window_start, new_events.principal,
    max(new_events.account_id) as account_id,
    max(new_events.region) as region,
    min_by(new_events.bucket, row(new_events.event_time, new_events.row_id)) as bucket,
    min_by(new_events.key, row(new_events.event_time, new_events.row_id)) as key,
    min_by(new_events.source_ip, row(new_events.event_time, new_events.row_id)) as source_ip,
    min_by(new_events.user_agent, row(new_events.event_time, new_events.row_id)) as user_agent,
    min(new_events.event_time) as first_event_at,
    max(new_events.event_time) as last_event_at,
    count(*) as event_count,
    count(distinct new_events.network) as new_networks,
    array_sort(array_agg(distinct new_events.network)) as network_list,
    bool_or(coalesce(starts_with(new_events.access_key_id, 'AKIA'), false)) as is_long_term_key,
    bool_or(new_events.bucket is not null and known_buckets.bucket is null) as is_bucket_new,
    bool_or(known_classes.action_class is null) as is_class_new,
    bool_or(known_hours.hour_of_day is null) as is_hour_new,
    max(new_events.first_day) as first_day,
    max(new_events.active_days) as active_days,
    max(new_events.networks) as networks,
    max(new_events.usual_network) as usual_network,
    array_agg(new_events.row_id order by new_events.event_time, new_events.row_id) as row_ids
  from new_events
  left join known_buckets
    on known_buckets.window_start = new_events.window_start
    and known_buckets.principal = new_events.principal
    and known_buckets.bucket = new_events.bucket
  left join known_classes
    on known_classes.window_start = new_events.window_start
    and known_classes.principal = new_events.principal
    and known_classes.action_class = new_events.action_class
  left join known_hours
    on known_hours.window_start = new_events.window_start
    and known_hours.principal = new_events.principal
    and known_hours.hour_of_day = new_events.hour_of_day
  group by new_events.window_start, new_events.principal
),
network_peers as (
  select
    new_networks.window_start, new_networks.principal, new_networks.network,
    count(distinct sightings.entity) as peers
  from new_networks
  left join sightings
    on sightings.value = new_networks.network
    and sightings.dimension = 'principal-network'
    and sightings.entity <> new_networks.principal
    and sightings.day < cast(new_networks.window_start as date)
    and sightings.day >= cast(new_networks.window_start - interval '7' day as date)
  group by new_networks.window_start, new_networks.principal, new_networks.network
),
network_texts as (
  select
    window_start, principal,
    element_at(network_list, 1) || coalesce(', ' || element_at(network_list, 2), '')
      || coalesce(', ' || element_at(network_list, 3), '') || case
        when cardinality(network_list) > 3 then ' and ' || cast(cardinality(network_list) - 3 as varchar) || ' more'
        else ''
      end as networks
  from findings
),
-- Only when every new network is one of peers is it a roll-out.
roll_outs as (
  select window_start, principal, min(peers) as peers
  from network_peers
  group by window_start, principal
)
select
  findings.window_start,
  case
    when roll_outs.peers >= $roll_out_peers then 'info'
    when findings.is_bucket_new or findings.is_class_new or findings.is_hour_new then 'medium'
    else 'low'
  end as severity,
  findings.principal || ' made ' || cast(findings.event_count as varchar)
    || case when findings.event_count = 1 then ' request' else ' requests' end || ' from '
    || case when findings.new_networks = 1 then 'a network' else cast(findings.new_networks as varchar) || ' networks' end
    || ' it did not use before: ' || network_texts.networks
    || case when findings.is_long_term_key then ' (long-term key)' else '' end as summary,
  findings.account_id, findings.region, findings.bucket, findings.key, findings.principal, findings.source_ip,
  findings.user_agent, findings.first_event_at, findings.last_event_at, findings.event_count,
  slice(findings.row_ids, 1, 10) as evidence,
  cast(findings.networks as varchar) || ' known networks in ' || cast(findings.active_days as varchar)
    || ' active days, mostly ' || findings.usual_network as expected,
  network_texts.networks as observed,
  cast(date_diff('day', findings.first_day, cast(findings.window_start as date)) as integer) as history_days,
  filter(array[
    'network: UNSEEN',
    case when findings.is_bucket_new then 'bucket: UNSEEN' end,
    case when findings.is_class_new then 'action class: UNSEEN' end,
    case when findings.is_hour_new then 'hour of day: UNSEEN' end,
    case when roll_outs.peers >= $roll_out_peers then 'peers: ROLL-OUT' end
  ], factor -> factor is not null) as factors
from findings
join network_texts
  on network_texts.window_start = findings.window_start
  and network_texts.principal = findings.principal
join roll_outs
  on roll_outs.window_start = findings.window_start
  and roll_outs.principal = findings.principal
order by findings.window_start, findings.principal
