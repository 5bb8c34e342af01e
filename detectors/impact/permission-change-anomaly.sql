/*---
id: permission-change-anomaly
version: 1
title: unusual change of permissions
severity: high
severity_rules:
  - medium when only the hour of the day is unusual
family: impact
sources: [access_log, cloudtrail_data, cloudtrail_management]
tactic: persistence
mitre: [T1098, T1530]
window: hour
entity: [principal]
needs_learning: true
learns: Who changes permissions, from which networks and at which hours.
params:
  min_buckets:
    default: 5
    unit: buckets
    description: Buckets whose permissions change within an hour, from which on the number itself is unusual.
  baseline_days:
    default: 90
    unit: days
    description: A principal that changed permissions in this many days before is used to it.
  min_active_days:
    default: 5
    unit: days
    description: Days with activity that a principal needs before it is known.
description: >-
  A known principal changed who may access what (an ACL, a policy, Block Public Access, of buckets, objects or access points) for
  the first time in 90 days, and something else about it is unusual: the network is new for the principal, it is active at
  an hour of the day at which it never was, or it changed five buckets within the hour. The rollups know the class of an action and not its
  name, so the first change of permissions of any kind counts, and a user agent has no history. Refused attempts do not count.
false_positives:
  - A developer who is on call for the first time and sets an ACL at night.
  - Infrastructure as code that begins to manage permissions with a role that did other things before.
known_gaps:
  - Who changes permissions regularly is never unusual here; the detectors of the family exposure judge what was changed.
  - A principal without history is not judged; bucket-policy-changed-by-new-principal does that.
next_steps:
  - "See what it changed: select event_time, action, bucket, key, source_ip, user_agent from s3_events where principal = '<principal>' and action_class = 'permission' order by event_time."
  - "Read the new policies and ACLs: select event_time, event_name, bucket, key, request_parameters from cloudtrail where principal = '<principal>' and event_name in ('PutBucketPolicy', 'PutBucketAcl', 'PutObjectAcl', 'PutBucketPublicAccessBlock') order by event_time."
  - Ask the principal's owner; if nobody knows of it, put the previous settings back and revoke the sessions.
references:
  - https://attack.mitre.org/techniques/T1098/
  - https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-s3.html
---*/
with
changes as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, account_id, region, bucket, key, action, principal, source_ip, user_agent, row_id
  from s3_events
  where action in ('PutObjectAcl', 'PutBucketAcl', 'PutBucketPolicy', 'PutBucketPublicAccessBlock', 'PutPublicAccessBlock',
      'DeleteBucketPublicAccessBlock', 'DeletePublicAccessBlock', 'PutAccountPublicAccessBlock', 'DeleteAccountPublicAccessBlock',
      'PutAccessPointPolicy', 'PutBucketOwnershipControls')
    and is_success
    and not is_aws_service
    and principal_kind in ('role', 'user', 'root', 'federated', 'account')
),
changers as (
  select
    window_start, principal,
    max(account_id) as account_id,
    max(region) as region,
    min_by(bucket, row(event_time, row_id)) as bucket,
    min_by(key, row(event_time, row_id)) as key,
    min_by(action, row(event_time, row_id)) as first_action,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    count(distinct bucket) as buckets,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from changes
  group by window_start, principal
),
habits as (
  select
    tested.principal, activity.hour,
    bool_or(activity.action_class = 'permission' and activity.requests > activity.errors) as changes_permissions,
    sum(activity.requests) as requests
  from (select distinct principal from changers) as tested
  join activity on activity.principal = tested.principal
  group by tested.principal, activity.hour
),
known_changers as (
  select
    changers.window_start, changers.principal,
    min(habits.hour) as first_hour,
    count(distinct date_trunc('day', habits.hour)) as active_days,
    sum(habits.requests) as requests,
    bool_or(habits.changes_permissions and habits.hour >= changers.window_start - $baseline_days * interval '1' day) as changes_permissions,
    -- An hour of the day is known when the principal was active within one hour of it.
    bool_or(mod(date_diff('hour', habits.hour, changers.window_start) + 1, 24) between 0 and 2
      and date_diff('hour', habits.hour, changers.window_start) >= 12) as is_hour_known
  from changers
  join habits
    on habits.principal = changers.principal
    and habits.hour < changers.window_start
  group by changers.window_start, changers.principal
),
first_changes as (
  select
    changers.window_start, changers.principal, changers.buckets, known_changers.first_hour, known_changers.active_days,
    not known_changers.is_hour_known as is_hour_new
  from changers
  join known_changers
    on known_changers.window_start = changers.window_start
    and known_changers.principal = changers.principal
  cross join settings
  where not known_changers.changes_permissions
    and known_changers.first_hour <= changers.window_start - settings.learning_days * interval '1' day
    and known_changers.requests >= settings.learning_min_events
    and known_changers.active_days >= least($min_active_days, settings.learning_days)
),
new_networks as (
  select first_changes.window_start, first_changes.principal, min(networks.network) as network
  from first_changes
  join changes
    on changes.window_start = first_changes.window_start
    and changes.principal = first_changes.principal
  join networks on networks.source_ip = changes.source_ip
  where networks.is_global
    and not networks.is_trusted
    and not exists (
      select 1
      from sightings
      where sightings.dimension = 'principal-network'
        and sightings.entity = first_changes.principal
        and sightings.value = networks.network
        and sightings.day < cast(first_changes.window_start as date)
    )
  group by first_changes.window_start, first_changes.principal
)
select
  changers.window_start,
  case when new_networks.principal is not null or changers.buckets >= $min_buckets then 'high' else 'medium' end as severity,
  changers.principal || ' changed permissions for the first time (' || changers.first_action
    || case when changers.event_count > 1 then ' and ' || cast(changers.event_count - 1 as varchar) || ' more' else '' end || ')'
    || case when new_networks.principal is not null then ', from the network ' || new_networks.network || ', which is new for it' else '' end
    || case when first_changes.is_hour_new then ', at an hour at which it was never active' else '' end
    || case when changers.buckets >= $min_buckets then ', on ' || cast(changers.buckets as varchar) || ' buckets' else '' end as summary,
  changers.account_id, changers.region, changers.bucket, changers.key, changers.principal, changers.source_ip, changers.user_agent,
  changers.first_event_at, changers.last_event_at, changers.event_count,
  changers.row_ids as evidence,
  'no change of permissions by it in ' || cast(first_changes.active_days as varchar) || ' active days' as expected,
  cast(changers.event_count as varchar) || case when changers.event_count = 1 then ' change' else ' changes' end as observed,
  cast(date_diff('day', first_changes.first_hour, changers.window_start) as integer) as history_days,
  filter(array[
    'permission changes: UNSEEN',
    case when new_networks.principal is not null then 'network: UNSEEN' end,
    case when first_changes.is_hour_new then 'hour of day: UNSEEN' end,
    case when changers.buckets >= $min_buckets then 'buckets: MANY' end
  ], factor -> factor is not null) as factors
from first_changes
join changers
  on changers.window_start = first_changes.window_start
  and changers.principal = first_changes.principal
left join new_networks
  on new_networks.window_start = first_changes.window_start
  and new_networks.principal = first_changes.principal
where new_networks.principal is not null
  or first_changes.is_hour_new
  or changers.buckets >= $min_buckets
order by changers.window_start, changers.principal
