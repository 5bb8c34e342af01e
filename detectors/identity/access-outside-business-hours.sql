/*---
id: access-outside-business-hours
version: 1
title: person active outside business hours
severity: low
severity_rules:
  - medium when the requests changed something or touched something sensitive
family: identity
sources: [access_log, cloudtrail_data]
tactic: initial-access
mitre: [T1078.004, T1530]
window: day
entity: [principal]
needs_learning: true
learns: The hours of the week in which each person, and people as a whole, are active.
needs: business_hours
params:
  min_events:
    default: 5
    unit: requests
    description: Successful requests in one hour from which on to alert.
  baseline_days:
    default: 28
    unit: days
    description: History that hours of the week are learned from.
  min_history_days:
    default: 14
    unit: days
    description: History that a principal needs; two weeks show a weekday twice.
  max_share:
    default: 0.01
    unit: share of requests
    description: An hour of the week with at least this share of the principal's, or of all people's, requests is usual.
  max_evenness:
    default: 0.8
    unit: of a day without rhythm
    description: A principal whose requests are spread over the hours of the day more evenly than this (entropy, 1 is uniform) is a machine.
description: >-
  A person was active in an hour in which people do not work (business_hours of the config with its time zone, days and holidays), and in
  which neither they nor their colleagues usually are. People are IAM users, sessions of IAM Identity Center and of the console whose
  hours have a rhythm. One finding a principal and day lists the hours. An hour counts only when all of it is outside; half an hour of overtime is
  none. Without business_hours in the config it is silent.
false_positives:
  - On-call duty and releases at night; they become usual when they repeat.
  - Colleagues in other time zones; give them a config of their own, or suppress by principal.
known_gaps:
  - The catalogue asks for 28 days of history. 14 are enough here, because one more week of nights is what matters for an intruder.
  - Sessions of one permission set are one principal; the night of one person hides behind the day of others only in part.
  - An intruder who keeps office hours is not seen.
next_steps:
  - "See what was done: select event_time, action, bucket, key, status, source_ip, user_agent from s3_events where principal = '<principal>' order by event_time desc."
  - Ask the person, by a channel that a thief of the account would not read.
  - Look for a new network or client of the same principal on the same day; together they mean much more than each.
references:
  - https://attack.mitre.org/techniques/T1078/004/
---*/
with
-- The rollup says who was active at closed hours; only those to whom that is rare are looked up in the logs.
used_hours as (
  select
    date_trunc('day', activity.hour) as window_start, activity.hour, activity.principal, local_hours.local_weekday,
    local_hours.local_hour
  from activity
  join local_hours
    on local_hours.hour = activity.hour
    and not local_hours.is_business
  where activity.hour >= $from
    and activity.principal_kind in ('user', 'role')
  group by
    date_trunc('day', activity.hour), activity.hour, activity.principal, local_hours.local_weekday, local_hours.local_hour
  having sum(activity.requests) >= $min_events
),
-- Requests of people by the hour on their wall clock. The greater of the two logs, never their sum.
habit_hours as (
  select
    days.window_start, activity.principal, local_hours.local_weekday, local_hours.local_hour, activity.hour, activity.source,
    sum(activity.requests) as requests
  from (select distinct window_start from used_hours) as days
  join activity
    on activity.hour < days.window_start
    and activity.hour >= days.window_start - $baseline_days * interval '1' day
  join local_hours on local_hours.hour = activity.hour
  where not activity.is_aws_service
    and activity.principal_kind in ('user', 'role')
  group by
    days.window_start, activity.principal, local_hours.local_weekday, local_hours.local_hour, activity.hour, activity.source
),
habits as (
  select window_start, principal, local_weekday, local_hour, sum(requests) as requests, min(first_hour) as first_hour
  from (
    select window_start, principal, local_weekday, local_hour, hour, max(requests) as requests, min(hour) as first_hour
    from habit_hours
    group by window_start, principal, local_weekday, local_hour, hour
  ) as hours
  group by window_start, principal, local_weekday, local_hour
),
principals as (
  select window_start, principal, sum(requests) as requests, min(first_hour) as first_hour
  from habits
  group by window_start, principal
),
hours_of_day as (
  select habits.window_start, habits.principal, habits.local_hour, sum(habits.requests) as requests
  from habits
  group by habits.window_start, habits.principal, habits.local_hour
),
-- Entropy of the hours of the day as a share of ln 24: people sleep, machines do not.
rhythms as (
  select
    hours_of_day.window_start, hours_of_day.principal,
    -sum(hours_of_day.requests / cast(principals.requests as double) * ln(hours_of_day.requests / cast(principals.requests as double)))
      / ln(24) as evenness
  from hours_of_day
  join principals
    on principals.window_start = hours_of_day.window_start
    and principals.principal = hours_of_day.principal
  group by hours_of_day.window_start, hours_of_day.principal
),
-- Hours that are rare for the principal itself.
rare_hours as (
  select
    used_hours.window_start, used_hours.hour, used_hours.principal, used_hours.local_weekday, used_hours.local_hour,
    principals.first_hour, coalesce(habits.requests, 0) as usual_requests
  from used_hours
  cross join settings
  join principals
    on principals.window_start = used_hours.window_start
    and principals.principal = used_hours.principal
  join rhythms
    on rhythms.window_start = used_hours.window_start
    and rhythms.principal = used_hours.principal
  left join habits
    on habits.window_start = used_hours.window_start
    and habits.principal = used_hours.principal
    and habits.local_weekday = used_hours.local_weekday
    and habits.local_hour = used_hours.local_hour
  where rhythms.evenness < $max_evenness
    and principals.requests >= settings.learning_min_events
    and date_diff('day', principals.first_hour, used_hours.window_start) >= greatest(settings.learning_days, $min_history_days)
    and coalesce(habits.requests, 0) < $max_share * principals.requests
),
requests as (
  select
    rare_hours.window_start, rare_hours.hour,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.principal, events.principal_kind,
    events.source_ip, events.user_agent, events.row_id,
    events.action_class in ('write', 'delete', 'permission', 'config')
      or coalesce(buckets.is_sensitive, false)
      or has_prefix(events.key, buckets.sensitive_prefixes) as is_grave
  from s3_events as events
  join rare_hours
    on rare_hours.hour = date_trunc('hour', events.event_time)
    and rare_hours.principal = events.principal
  left join buckets on buckets.bucket = events.bucket
  where events.is_success
    and not events.is_aws_service
    -- A presigned URL is used by whoever was given it, whenever they like.
    and coalesce(events.authentication_type, 'AuthHeader') = 'AuthHeader'
    and (
      events.principal_kind = 'user'
      or (events.principal_kind = 'role'
        and (strpos(events.principal, '/AWSReservedSSO_') > 0 or regexp_like(events.user_agent, 'S3Console|Mozilla/')))
    )
),
tested as (
  select
    window_start, hour, principal,
    count(*) as event_count
  from requests
  group by window_start, hour, principal
  having count(*) >= $min_events
),
-- People as a whole; what looks like a machine is not one of them.
people as (
  select habits.window_start, habits.local_weekday, habits.local_hour, sum(habits.requests) as requests
  from habits
  join rhythms
    on rhythms.window_start = habits.window_start
    and rhythms.principal = habits.principal
  where rhythms.evenness < $max_evenness
    and (
      strpos(habits.principal, ':user/') > 0
      or strpos(habits.principal, '/AWSReservedSSO_') > 0
      or habits.principal in (select principal from tested)
    )
  group by habits.window_start, habits.local_weekday, habits.local_hour
),
people_totals as (
  select window_start, sum(requests) as requests
  from people
  group by window_start
),
odd_hours as (
  select
    tested.window_start, tested.principal, tested.hour, rare_hours.local_hour, rare_hours.first_hour, rare_hours.usual_requests
  from tested
  join rare_hours
    on rare_hours.hour = tested.hour
    and rare_hours.principal = tested.principal
  join people_totals on people_totals.window_start = tested.window_start
  left join people
    on people.window_start = tested.window_start
    and people.local_weekday = rare_hours.local_weekday
    and people.local_hour = rare_hours.local_hour
  where coalesce(people.requests, 0) < $max_share * people_totals.requests
),
totals as (
  select
    requests.window_start, requests.principal,
    max(requests.account_id) as account_id,
    max(requests.region) as region,
    min_by(requests.bucket, row(requests.event_time, requests.row_id)) as bucket,
    min_by(requests.key, row(requests.event_time, requests.row_id)) as key,
    min_by(requests.source_ip, row(requests.event_time, requests.row_id)) as source_ip,
    min_by(requests.user_agent, row(requests.event_time, requests.row_id)) as user_agent,
    min(requests.event_time) as first_event_at,
    max(requests.event_time) as last_event_at,
    count(*) as event_count,
    min_by(requests.row_id, row(requests.event_time, requests.row_id), 10) as row_ids,
    bool_or(requests.is_grave) as is_grave,
    array_join(array_sort(array_agg(distinct lpad(cast(odd_hours.local_hour as varchar), 2, '0') || ':00')), ', ') as hours,
    min(odd_hours.first_hour) as first_hour,
    sum(odd_hours.usual_requests) as usual_requests
  from requests
  join odd_hours
    on odd_hours.window_start = requests.window_start
    and odd_hours.principal = requests.principal
    and odd_hours.hour = requests.hour
  group by requests.window_start, requests.principal
)
select
  window_start,
  case when is_grave then 'medium' else 'low' end as severity,
  principal || ' made ' || cast(event_count as varchar) || ' requests outside business hours, at ' || hours || ' local time' as summary,
  account_id, region, bucket, key, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  'less than ' || cast(cast(100 * $max_share as integer)  as varchar) || ' % of requests in that hour of the week' as expected,
  hours as observed,
  cast(date_diff('day', first_hour, window_start) as integer) as history_days,
  filter(array[
    'hour of the week: ' || case when usual_requests = 0 then 'UNSEEN' else 'RARE' end,
    case when is_grave then 'requests: CHANGES OR SENSITIVE' end
  ], factor -> factor is not null) as factors
from totals
order by window_start, principal
