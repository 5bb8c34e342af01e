/*---
id: dormant-credential-reactivated
version: 1
title: dormant principal or access key active again
severity: medium
severity_rules:
  - high when it read or listed in bulk, or came from a network that it did not use before
family: identity
sources: [access_log, cloudtrail_data]
tactic: initial-access
mitre: [T1078.004]
window: day
entity: [principal]
needs_learning: true
learns: When each principal and each long-term access key was active, over 90 days.
params:
  silent_days:
    default: 60
    unit: days
    description: Days without a successful request, after which a principal or a key is dormant.
  min_history_days:
    default: 75
    unit: days
    description: How far back the logs must reach, so that silence is told from a log that was not read.
  min_logged_days:
    default: 45
    unit: days
    description: Days with any request in the log during the silence; fewer, and it is the log that was silent.
  min_active_days:
    default: 2
    unit: days
    description: Days on which it must have been active before; something seen on one day has no habits to return to.
  bulk_requests:
    default: 100
    unit: requests
    description: Successful reads and listings on the day from which on it is bulk.
description: >-
  A role, user or root user, or a long-term access key (AKIA…) whose user is otherwise active, made successful requests after two
  months of silence. Keys of people who left, of projects that ended and of machines that were switched off are found in
  old repositories and backups, and nobody notices when they work again.
false_positives:
  - Jobs that run every other month or quarter. One that was active on one day of the last 90 is not judged; a longer one is, once.
  - Break-glass roles; suppress them by principal only if something else tells you of their use.
  - Somebody back from a long leave.
known_gaps:
  - What slept for more than 90 days is out of sight and looks new; principal-new-source-ip and bucket-new-requester may see it.
  - Access keys stand only in CloudTrail. Without data events a dormant key of an active user is not seen.
  - retention_days below 75 leaves it silent.
next_steps:
  - "See what it does now: select event_time, action, bucket, key, status, source_ip, user_agent, access_key_id from s3_events where principal = '<principal>' order by event_time desc."
  - "See what it did before: select hour, bucket, action_class, requests from activity_history where principal = '<principal>' order by hour."
  - Ask the owner. If nobody has a reason, deactivate the key (not delete, so that it can be traced) or deny the role.
references:
  - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html
  - https://attack.mitre.org/techniques/T1078/004/
---*/
with
-- The rollups say who was active in the day; only those who slept before are looked up in the logs.
used as (
  select distinct date_trunc('day', hour) as window_start, principal
  from activity
  where hour >= $from
    and principal_kind in ('role', 'user', 'root', 'federated')
),
used_keys as (
  select distinct cast(day as timestamp) as window_start, entity as access_key_id, value as principal
  from sightings
  where dimension = 'access-key'
    and day >= cast($from as date)
),
-- The log must reach back and have been read during the silence: a gap in it would make everybody dormant.
activity_days as (
  select distinct cast(hour as date) as day from activity
),
logged_days as (
  select tested.window_start, activity_days.day
  from (select distinct window_start from used) as tested
  join activity_days on activity_days.day < cast(tested.window_start as date)
),
logs as (
  select
    window_start,
    min(day) as first_day,
    sum(case when date_diff('day', day, cast(window_start as date)) <= $silent_days then 1 else 0 end) as days_in_silence
  from logged_days
  group by window_start
),
principal_history as (
  select
    tested.window_start, tested.principal,
    max(cast(activity.hour as date)) as last_day,
    count(distinct cast(activity.hour as date)) as active_days
  from (select distinct window_start, principal from used) as tested
  join activity
    on activity.principal = tested.principal
    and activity.hour < tested.window_start
  where activity.requests > activity.errors
  group by tested.window_start, tested.principal
),
key_history as (
  select
    tested.window_start, tested.access_key_id,
    max(sightings.day) as last_day,
    count(distinct sightings.day) as active_days
  from (select distinct window_start, access_key_id from used_keys) as tested
  join sightings
    on sightings.entity = tested.access_key_id
    and sightings.dimension = 'access-key'
    and sightings.day < cast(tested.window_start as date)
  group by tested.window_start, tested.access_key_id
),
dormant as (
  select window_start, principal
  from principal_history
  where active_days >= $min_active_days
    and date_diff('day', last_day, cast(window_start as date)) >= $silent_days
  union
  select used_keys.window_start, used_keys.principal
  from used_keys
  join key_history
    on key_history.window_start = used_keys.window_start
    and key_history.access_key_id = used_keys.access_key_id
  where key_history.active_days >= $min_active_days
    and date_diff('day', key_history.last_day, cast(key_history.window_start as date)) >= $silent_days
),
requests as (
  select
    dormant.window_start,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.principal, events.source_ip,
    events.user_agent, events.access_key_id, events.action_class, events.row_id, networks.network
  from s3_events as events
  join dormant
    on dormant.window_start = date_trunc('day', events.event_time)
    and dormant.principal = events.principal
  left join networks on networks.source_ip = events.source_ip
  where events.is_success
    and not events.is_aws_service
),
woken as (
  select
    requests.window_start, requests.event_time, requests.account_id, requests.region, requests.bucket, requests.key,
    requests.principal, requests.source_ip, requests.user_agent, requests.access_key_id, requests.action_class, requests.row_id,
    requests.network,
    coalesce(principal_history.active_days >= $min_active_days
      and date_diff('day', principal_history.last_day, cast(requests.window_start as date)) >= $silent_days, false) as is_principal,
    coalesce(key_history.active_days >= $min_active_days
      and date_diff('day', key_history.last_day, cast(requests.window_start as date)) >= $silent_days, false) as is_key,
    greatest(
      coalesce(date_diff('day', principal_history.last_day, cast(requests.window_start as date)), 0),
      coalesce(date_diff('day', key_history.last_day, cast(requests.window_start as date)), 0)) as silent_days
  from requests
  join logs on logs.window_start = requests.window_start
  left join principal_history
    on principal_history.window_start = requests.window_start
    and principal_history.principal = requests.principal
  left join key_history
    on key_history.window_start = requests.window_start
    and key_history.access_key_id = requests.access_key_id
  where date_diff('day', logs.first_day, cast(requests.window_start as date)) >= $min_history_days
    and logs.days_in_silence >= $min_logged_days
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
    sum(case when action_class in ('read', 'list') then 1 else 0 end) as reads,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    bool_or(is_principal) as is_principal,
    min(case when is_key then access_key_id end) as access_key_id,
    max(silent_days) as silent_days
  from woken
  where is_principal or is_key
  group by window_start, principal
),
new_networks as (
  select distinct woken.window_start, woken.principal
  from woken
  left join sightings
    on sightings.entity = woken.principal
    and sightings.value = woken.network
    and sightings.dimension = 'principal-network'
    and sightings.day < cast(woken.window_start as date)
  where (woken.is_principal or woken.is_key)
    and woken.network is not null
    and sightings.entity is null
)
select
  totals.window_start,
  case when totals.reads >= $bulk_requests or new_networks.principal is not null then 'high' else 'medium' end as severity,
  case
    when totals.is_principal then totals.principal
    else 'access key ' || totals.access_key_id || ' of ' || totals.principal
  end || ' was silent for ' || cast(totals.silent_days as varchar) || ' days and made ' || cast(totals.event_count as varchar)
    || ' successful ' || case when totals.event_count = 1 then 'request' else 'requests' end as summary,
  totals.account_id, totals.region, totals.bucket, totals.key, totals.principal, totals.source_ip, totals.user_agent,
  totals.first_event_at, totals.last_event_at, totals.event_count,
  totals.row_ids as evidence,
  'no request for ' || cast(totals.silent_days as varchar) || ' days' as expected,
  cast(totals.event_count as varchar) || ' requests, ' || cast(totals.reads as varchar) || ' of them reads and listings' as observed,
  cast(totals.silent_days as integer) as history_days,
  filter(array[
    case when totals.is_principal then 'principal: DORMANT' else 'access key: DORMANT' end,
    case when new_networks.principal is not null then 'network: UNSEEN' end,
    case when totals.reads >= $bulk_requests then 'reads: BULK' end
  ], factor -> factor is not null) as factors
from totals
left join new_networks
  on new_networks.window_start = totals.window_start
  and new_networks.principal = totals.principal
order by totals.window_start, totals.principal
