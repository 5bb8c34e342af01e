/*---
id: instance-credentials-outside-aws
version: 1
title: credentials of an instance used from outside AWS
severity: high
severity_rules:
  - medium when nothing succeeded
  - info when the ASN database says that the network belongs to Amazon
family: identity
sources: [access_log, cloudtrail_data, cloudtrail_management]
tactic: credential-access
mitre: [T1552.005, T1078.004]
window: day
entity: [principal, source_ip]
needs_learning: true
learns: The networks of each instance role; with networks.aws_ranges in the config it speaks from the first event.
params:
  baseline_days:
    default: 30
    unit: days
    description: A network that the role used in this many days before, and first at least learning.days before, is known.
description: >-
  A session of an instance role, which EC2 names after the instance (i-0123456789abcdef0), made a request from an address that is not of
  AWS. Such credentials come from the instance metadata service and have no business elsewhere. With a copy of AWS's
  ip-ranges.json under networks.aws_ranges that is known at once; without it, an address in a network that the role did not use before
  counts instead. VPC endpoints, trusted networks and services of AWS do not count, nor networks that the role has used for a while,
  such as the proxy of an office. Presigned URLs do not count, because they are made to be used elsewhere.
false_positives:
  - Outposts, and instances behind a proxy of a data centre; list the egress under networks.trusted.
  - Old copies of ip-ranges.json; AWS adds ranges every week.
known_gaps:
  - A thief who works from an instance of their own is inside AWS; instance-credentials-other-account would be that case.
  - Sessions of containers and functions have other names.
  - Without ip-ranges.json, a role whose networks are not learned yet is not judged.
next_steps:
  - "See what was done: select event_time, action, bucket, key, status, source_ip, user_agent from s3_events where principal = '<principal>' and source_ip = '<source_ip>' order by event_time."
  - Revoke the sessions of the role (IAM, Revoke active sessions), then look at the instance; a server-side request forgery or a shell comes first.
  - Require IMDSv2 on the instance, and deny the role outside of your networks (aws:SourceVpc, aws:SourceIp, aws:EC2InstanceSourceVPC).
references:
  - https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-iam.html
  - https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html
  - https://attack.mitre.org/techniques/T1552/005/
---*/
with
-- Calls of other services, which the rollups do not count.
service_sessions as (
  select
    event_time, recipient_account_id as account_id, aws_region as region, bucket, key, principal,
    source_ip_address as source_ip, user_agent, is_success, request_id, row_id,
    regexp_extract(user_identity_arn, '/(i-[0-9a-f]{8,17})$', 1) as instance_id
  from cloudtrail
  where event_source in ('kms.amazonaws.com', 'cloudtrail.amazonaws.com')
    and not is_aws_service
    and user_identity_invoked_by is null
    and regexp_like(user_identity_arn, ':assumed-role/.*/i-[0-9a-f]{8,17}$')
),
-- Where roles were outside in the day: the rollup says it, but for calls of other services. Only networks that the role is not known
-- for are looked up in the log.
outside_networks as (
  select
    network, source_ip, is_aws, as_organization
  from networks
  where is_global
    and not is_trusted
    and not coalesce(is_aws, false)
),
used_networks as (
  select used.window_start, used.principal, used.network, bool_or(outside_networks.is_aws is not null) as is_ranges_known
  from (
    select cast(day as timestamp) as window_start, entity as principal, value as network
    from sightings
    where dimension = 'principal-network'
      and day >= cast($from as date)
      and entity like 'arn:%:iam::____________:role/%'
    union
    select date_trunc('day', service_sessions.event_time), service_sessions.principal, networks.network
    from service_sessions
    join networks on networks.source_ip = service_sessions.source_ip
  ) as used
  join outside_networks on outside_networks.network = used.network
  group by used.window_start, used.principal, used.network
),
-- What the role is known for: the rollup holds both logs, and a network seen by either is seen.
role_networks as (
  select
    tested.window_start, tested.principal, sightings.value as network,
    min(sightings.day) as first_day,
    sum(sightings.events) as events
  from (select distinct window_start, principal from used_networks) as tested
  join sightings on sightings.entity = tested.principal
  where sightings.dimension = 'principal-network'
    and sightings.day < cast(tested.window_start as date)
    and sightings.day >= cast(tested.window_start - $baseline_days * interval '1' day as date)
  group by tested.window_start, tested.principal, sightings.value
),
roles as (
  select window_start, principal, min(first_day) as first_day, sum(events) as events, count(*) as networks
  from role_networks
  group by window_start, principal
),
unknown_networks as (
  select
    used_networks.window_start, used_networks.principal, used_networks.network, roles.networks,
    date_diff('day', roles.first_day, cast(used_networks.window_start as date)) as history_days
  from used_networks
  cross join settings
  left join roles
    on roles.window_start = used_networks.window_start
    and roles.principal = used_networks.principal
  left join role_networks
    on role_networks.window_start = used_networks.window_start
    and role_networks.principal = used_networks.principal
    and role_networks.network = used_networks.network
  -- What is new today is new tomorrow as well: a thief does not become known by staying.
  where (role_networks.first_day is null
      or date_diff('day', role_networks.first_day, cast(used_networks.window_start as date)) < settings.learning_days)
    and (
      used_networks.is_ranges_known
      or (
        date_diff('day', roles.first_day, cast(used_networks.window_start as date)) >= settings.learning_days
        and roles.events >= settings.learning_min_events
      )
    )
),
sessions as (
  select
    event_time, account_id, region, bucket, key, principal, source_ip, user_agent, is_success, request_id, row_id,
    regexp_extract(principal_raw, '/(i-[0-9a-f]{8,17})$', 1) as instance_id
  from s3_events
  where not is_aws_service
    -- A presigned URL is used by whoever was given it, wherever they are.
    and coalesce(authentication_type, 'AuthHeader') = 'AuthHeader'
    and principal like 'arn:%:iam::____________:role/%'
    and regexp_like(principal_raw, ':assumed-role/.*/i-[0-9a-f]{8,17}$')
  union all
  select
    event_time, account_id, region, bucket, key, principal, source_ip, user_agent, is_success, request_id, row_id, instance_id
  from service_sessions
),
unknown as (
  select
    unknown_networks.window_start,
    sessions.event_time, sessions.account_id, sessions.region, sessions.bucket, sessions.key, sessions.principal,
    sessions.source_ip, sessions.user_agent, sessions.is_success, sessions.row_id, sessions.instance_id,
    outside_networks.network, outside_networks.is_aws, outside_networks.as_organization,
    unknown_networks.networks, unknown_networks.history_days
  from sessions
  join outside_networks on outside_networks.source_ip = sessions.source_ip
  join unknown_networks
    on unknown_networks.window_start = date_trunc('day', sessions.event_time)
    and unknown_networks.principal = sessions.principal
    and unknown_networks.network = outside_networks.network
  where not exists (
    select 1
    from cloudtrail
    where cloudtrail.request_id = sessions.request_id
      and cloudtrail.vpc_endpoint_id is not null
  )
),
totals as (
  select
    window_start, principal, source_ip,
    max(account_id) as account_id,
    max(region) as region,
    min_by(bucket, row(event_time, row_id)) as bucket,
    min_by(key, row(event_time, row_id)) as key,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    sum(case when is_success then 1 else 0 end) as successes,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    min(instance_id) as instance_id,
    count(distinct instance_id) as instances,
    max(network) as network,
    max(as_organization) as as_organization,
    bool_and(is_aws is not null) as is_ranges_known,
    max(networks) as networks,
    max(history_days) as history_days
  from unknown
  group by window_start, principal, source_ip
)
select
  window_start,
  case
    when regexp_like(lower(as_organization), '^(amazon|aws)') then 'info'
    when successes = 0 then 'medium'
    else 'high'
  end as severity,
  principal || ' of instance ' || instance_id
    || case when instances > 1 then ' and ' || cast(instances - 1 as varchar) || ' more' else '' end
    || ' made ' || cast(event_count as varchar) || case when event_count = 1 then ' request' else ' requests' end || ' from '
    || source_ip || coalesce(' (' || as_organization || ')', '')
    || case
      when is_ranges_known then ', which is no address of AWS'
      else ', a network that the role did not use before'
    end as summary,
  account_id, region, bucket, key, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  case
    when is_ranges_known then 'addresses of AWS'
    else cast(networks as varchar) || ' known networks'
  end as expected,
  network as observed,
  cast(history_days as integer) as history_days,
  filter(array[
    case when is_ranges_known then 'address: NOT AWS' else 'network: UNSEEN' end,
    case when successes > 0 then 'requests: SUCCESSFUL' end
  ], factor -> factor is not null) as factors
from totals
order by window_start, principal, source_ip
