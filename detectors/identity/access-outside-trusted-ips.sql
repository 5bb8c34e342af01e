/*---
id: access-outside-trusted-ips
version: 1
title: access from outside the trusted networks
severity: medium
severity_rules:
  - high when it wrote, deleted or changed something, or read something sensitive
  - one step lower (medium, low) for a principal that was outside on roaming_days of the last 30 days, somebody who works from home or travels
family: identity
sources: [access_log, cloudtrail_data]
tactic: initial-access
mitre: [T1530, T1078.004]
window: day
entity: [principal]
needs_learning: false
needs: networks.trusted
params:
  roaming_days:
    default: 3
    unit: days
    description: Days outside in the 30 days before, from which on a principal is known to move.
  networks_shown:
    default: 3
    unit: networks
    description: Networks that the summary names; the others are counted.
description: >-
  networks.trusted says where your people and servers come from, and a role, user or root user was successful from somewhere else. One
  finding a principal and day lists its networks (IPv4 /24 or IPv6 /48). Private and carrier-grade addresses are VPC endpoints and count as
  inside; services of AWS and callers of partner accounts (accounts.trusted) have networks of their own and do not count. Without
  trusted networks in the config it is silent. Unlike the catalogue, refused requests do not count: there the control has worked.
false_positives:
  - People on the move. Give them a VPN and list its egress, or suppress the finding for those principals.
  - Functions and containers of AWS outside of a VPC, which come from addresses of AWS at large; run them in a VPC with an endpoint.
known_gaps:
  - An intruder who stays becomes one who moves after some days; the finding of the first days keeps its severity.
  - Whoever is inside (a stolen laptop on the VPN) is not seen.
  - Presigned URLs and browser forms do not count, because they are made for others; presigned-url-shared looks at them.
  - Anonymous callers have detectors of their own, and so have callers of other accounts.
next_steps:
  - "List the requests: select events.event_time, action, bucket, key, source_ip, user_agent, access_key_id from s3_events as events where principal = '<principal>' and source_ip = '<source_ip>' order by event_time."
  - Ask the owner of the principal. If the place is theirs, list it under networks.trusted; if not, revoke sessions and change keys.
  - Enforce it with aws:SourceIp in the bucket policy once the list is complete; bucketwatch preview shows what that would refuse.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
  - https://attack.mitre.org/techniques/T1078/004/
---*/
with
outside as (
  select
    date_trunc('day', events.event_time) as window_start,
    events.event_time, events.row_id, events.account_id, events.region, events.bucket, events.key, events.principal,
    events.source_ip, events.user_agent, networks.network, networks.country,
    events.action_class in ('write', 'delete', 'permission', 'config') as is_change,
    coalesce(buckets.is_sensitive, false) or has_prefix(events.key, buckets.sensitive_prefixes) as is_sensitive
  from s3_events as events
  cross join settings
  join networks on networks.source_ip = events.source_ip
  left join buckets on buckets.bucket = events.bucket
  left join accounts
    on accounts.account_id = events.principal_account_id
    and accounts.relation = 'trusted'
  where settings.has_trusted_networks
    and networks.is_global
    and not networks.is_trusted
    and events.is_success
    and not events.is_aws_service
    -- A presigned URL is used by whoever was given it, wherever they are.
    and coalesce(events.authentication_type, 'AuthHeader') = 'AuthHeader'
    and events.principal_kind in ('role', 'user', 'root', 'federated')
    and accounts.account_id is null
    and not (coalesce(buckets.is_public, false) and events.action_class in ('read', 'list'))
),
totals as (
  select
    window_start, principal,
    max(account_id) as account_id,
    max(region) as region,
    min_by(bucket, row(event_time, row_id)) as bucket,
    min_by(key, row(event_time, row_id)) as key,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    sum(case when is_change then 1 else 0 end) as changes,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    array_sort(array_agg(distinct network)) as network_list,
    count(distinct country) as countries,
    min(country) as country,
    bool_or(is_change) as is_change,
    bool_or(is_sensitive) as is_sensitive
  from outside
  group by window_start, principal
),
-- Days in the 30 days before on which a principal was outside.
roamers as (
  select tested.window_start, tested.principal, count(distinct sightings.day) as days_outside
  from (select distinct window_start, principal from outside) as tested
  join sightings
    on sightings.entity = tested.principal
    and sightings.dimension = 'principal-network'
    and sightings.day < cast(tested.window_start as date)
    and sightings.day >= cast(tested.window_start - interval '30' day as date)
  join past_networks
    on past_networks.network = sightings.value
    and past_networks.is_outside
  group by tested.window_start, tested.principal
),
texts as (
  select
    window_start, principal,
    array_join(slice(network_list, 1, $networks_shown), ', ')
      || case
        when cardinality(network_list) > $networks_shown
          then ' and ' || cast(cardinality(network_list) - $networks_shown as varchar) || ' more'
        else ''
      end
      || case
        when countries = 1 then ' (' || country || ')'
        when countries > 1 then ' (' || cast(countries as varchar) || ' countries)'
        else ''
      end as networks
  from totals
)
select
  totals.window_start,
  case
    when (totals.is_change or totals.is_sensitive) and coalesce(roamers.days_outside, 0) < $roaming_days then 'high'
    when totals.is_change or totals.is_sensitive or coalesce(roamers.days_outside, 0) < $roaming_days then 'medium'
    else 'low'
  end as severity,
  totals.principal || ' made ' || cast(totals.event_count as varchar)
    || case when totals.event_count = 1 then ' request' else ' requests' end || ' from outside the trusted networks: '
    || texts.networks
    || case when totals.changes > 0 then ', ' || cast(totals.changes as varchar) || ' of them changes' else '' end as summary,
  totals.account_id, totals.region, totals.bucket, totals.key, totals.principal, totals.source_ip, totals.user_agent,
  totals.first_event_at, totals.last_event_at, totals.event_count,
  totals.row_ids as evidence,
  'the networks under networks.trusted' as expected,
  texts.networks as observed,
  filter(array[
    'network: NOT TRUSTED',
    case when roamers.days_outside >= $roaming_days then 'principal: MOVES' end,
    case when totals.is_change then 'requests: CHANGES' end,
    case when totals.is_sensitive then 'bucket: SENSITIVE' end
  ], factor -> factor is not null) as factors
from totals
join texts
  on texts.window_start = totals.window_start
  and texts.principal = totals.principal
left join roamers
  on roamers.window_start = totals.window_start
  and roamers.principal = totals.principal
order by totals.window_start, totals.principal
