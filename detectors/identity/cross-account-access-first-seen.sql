/*---
id: cross-account-access-first-seen
version: 1
title: first access to a bucket by another account
severity: medium
severity_rules:
  - high when the bucket is sensitive and the account is not trusted
  - low when the account is trusted, or when no own accounts are configured (the account may be yours)
  - info when a trusted account already used three or more other buckets in the seven days before (a roll-out)
family: identity
sources: [access_log, cloudtrail_data]
tactic: initial-access
mitre: [T1199, T1530]
window: day
entity: [bucket, principal]
needs_learning: true
learns: The accounts that use each bucket successfully.
params:
  baseline_days:
    default: 90
    unit: days
    description: An account that used the bucket successfully in this many days before is known.
  min_active_days:
    default: 5
    unit: days
    description: Days with activity that a bucket needs before its accounts count as learned.
  max_new_per_day:
    default: 1
    unit: accounts per active day
    description: A bucket that gains more new accounts than this is not judged.
  roll_out_peers:
    default: 3
    unit: buckets
    description: Other buckets that a trusted account used in the seven days before, from which on it is a roll-out.
description: >-
  An account that never used this bucket before made a successful request to it. The finding's principal is the account
  (account:123456789012), because CloudTrail shows the bucket owner nothing more of a foreign caller; a canonical id of
  another owner in the access log counts as an account of its own. Buckets younger than the learning period, and reads of
  public buckets, are quiet. Only a trusted account's spreading to more buckets is called a roll-out: a stranger's is a sweep.
false_positives:
  - A new partner or a new account of yours; list it under accounts.own or accounts.trusted. One alert for each pair, then learned.
  - AWS accounts that deliver logs for load balancers, on their first delivery to a bucket.
known_gaps:
  - A new role or user of an account that is already known is not seen here; bucket-new-requester looks at principals.
  - With the access log alone, an account's own root user and a foreign caller both show a canonical id; the bucket owner's is left out.
  - Refused attempts do not count, neither here nor as history.
next_steps:
  - "See what the account did: select event_time, action, key, status, principal_raw, source_ip from s3_events where bucket = '<bucket>' and principal_account_id = '<account>' order by event_time."
  - Find what lets it in, namely the bucket policy, an ACL, an access point policy or a role that it assumed, and when that last changed.
  - Ask the owner of the bucket whether the account is known; look it up in AWS Organizations and among your vendors.
  - "See which other buckets it reached: select bucket, action, count(*) from s3_events where principal_account_id = '<account>' group by bucket, action."
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/cross-account-access.html
  - https://attack.mitre.org/techniques/T1199/
---*/
with
-- The rollup says who used what in the day; only callers who are new to a bucket are looked up in the logs.
used_buckets as (
  select distinct
    date_trunc('day', activity.hour) as window_start, activity.bucket,
    coalesce('account:' || activity.principal_account_id, activity.principal) as caller
  from activity
  left join accounts on accounts.account_id = activity.principal_account_id
  where activity.hour >= $from
    and activity.bucket is not null
    and (activity.principal_account_id is not null or activity.principal_kind = 'canonical')
    and coalesce(accounts.relation, 'unknown') <> 'own'
),
tested_buckets as (
  select distinct window_start, bucket
  from used_buckets
),
-- An access-log row and its CloudTrail twin are both in the rollup: the greater of the two, never their sum.
history as (
  select
    tested_buckets.window_start, tested_buckets.bucket, activity.hour, activity.principal, activity.action_class,
    coalesce('account:' || max(activity.principal_account_id), activity.principal) as caller,
    max(activity.requests) as requests,
    max(activity.requests - activity.errors) as successes
  from tested_buckets
  join activity on activity.bucket = tested_buckets.bucket
  where activity.hour < tested_buckets.window_start
    and activity.hour >= tested_buckets.window_start - $baseline_days * interval '1' day
  group by tested_buckets.window_start, tested_buckets.bucket, activity.hour, activity.principal, activity.action_class
),
bucket_history as (
  select
    window_start, bucket,
    min(hour) as first_hour,
    count(distinct date_trunc('day', hour)) as active_days,
    sum(requests) as requests
  from history
  group by window_start, bucket
),
known_callers as (
  select
    window_start, bucket, caller,
    min(hour) as first_hour
  from history
  where successes > 0
  group by window_start, bucket, caller
),
caller_counts as (
  select
    bucket_history.window_start, bucket_history.bucket, bucket_history.first_hour, bucket_history.active_days,
    bucket_history.requests, settings.learning_days, settings.learning_min_events,
    count(known_callers.caller) as known_callers,
    sum(case when known_callers.first_hour >= bucket_history.first_hour + settings.learning_days * interval '1' day
      then 1 else 0 end) as later_callers
  from bucket_history
  cross join settings
  left join known_callers
    on known_callers.window_start = bucket_history.window_start
    and known_callers.bucket = bucket_history.bucket
    and starts_with(known_callers.caller, 'account:')
  group by bucket_history.window_start, bucket_history.bucket, bucket_history.first_hour, bucket_history.active_days,
    bucket_history.requests, settings.learning_days, settings.learning_min_events
),
-- What the learning guard lets through.
unknown_callers as (
  select
    used_buckets.window_start, used_buckets.bucket, used_buckets.caller, caller_counts.first_hour,
    caller_counts.active_days, caller_counts.known_callers
  from used_buckets
  join caller_counts
    on caller_counts.window_start = used_buckets.window_start
    and caller_counts.bucket = used_buckets.bucket
  left join known_callers
    on known_callers.window_start = used_buckets.window_start
    and known_callers.bucket = used_buckets.bucket
    and known_callers.caller = used_buckets.caller
  where known_callers.caller is null
    and caller_counts.first_hour <= used_buckets.window_start - caller_counts.learning_days * interval '1' day
    and caller_counts.requests >= caller_counts.learning_min_events
    and caller_counts.active_days >= least($min_active_days, caller_counts.learning_days)
    and caller_counts.later_callers <= $max_new_per_day * caller_counts.active_days
),
foreign_events as (
  select
    unknown_callers.window_start, unknown_callers.caller,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.action, events.action_class,
    events.principal_account_id as caller_account_id,
    events.principal_raw, events.source_ip, events.user_agent, events.row_id,
    coalesce(accounts.relation, 'unknown') as relation
  from s3_events as events
  join unknown_callers
    on unknown_callers.window_start = date_trunc('day', events.event_time)
    and unknown_callers.bucket = events.bucket
    and unknown_callers.caller = coalesce('account:' || events.principal_account_id, events.principal)
  cross join settings
  left join accounts on accounts.account_id = events.principal_account_id
  left join buckets on buckets.bucket = events.bucket
  where events.is_success
    and not events.is_aws_service
    and events.principal_kind not in ('service', 'cloudfront', 'anonymous', 'unauthenticated')
    and (events.principal_account_id is not null or events.principal_kind = 'canonical')
    and not coalesce(events.is_bucket_owner, false)
    and coalesce(accounts.relation, 'unknown') <> 'own'
    -- Without configured accounts, the owner of the bucket (only CloudTrail tells it) is the best guess at "own".
    and not coalesce(not settings.has_own_accounts and events.account_id = events.principal_account_id, false)
    and not (events.action_class in ('read', 'list') and coalesce(buckets.is_public, false))
),
callers as (
  select
    window_start, bucket, caller,
    max(caller_account_id) as caller_account_id,
    max(relation) as relation,
    max(account_id) as account_id,
    max(region) as region,
    min_by(key, row(event_time, row_id)) as key,
    min_by(action, row(event_time, row_id)) as first_action,
    min_by(principal_raw, row(event_time, row_id)) as principal_raw,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from foreign_events
  group by window_start, bucket, caller
),
sensitive_callers as (
  select distinct foreign_events.window_start, foreign_events.bucket, foreign_events.caller
  from foreign_events
  join sensitive_prefixes on sensitive_prefixes.bucket = foreign_events.bucket
  where starts_with(foreign_events.key, sensitive_prefixes.key_prefix)
),
roll_outs as (
  select
    callers.window_start, callers.bucket, callers.caller,
    count(distinct activity.bucket) as peers
  from callers
  join activity on activity.principal_account_id = callers.caller_account_id
  where activity.bucket <> callers.bucket
    and activity.requests > activity.errors
    and activity.hour < callers.window_start
    and activity.hour >= callers.window_start - interval '7' day
  group by callers.window_start, callers.bucket, callers.caller
)
select
  callers.window_start,
  case
    when callers.relation = 'trusted' and coalesce(roll_outs.peers, 0) >= $roll_out_peers then 'info'
    when callers.relation = 'trusted' or not settings.has_own_accounts then 'low'
    when coalesce(buckets.is_sensitive, false) or sensitive_callers.bucket is not null then 'high'
    else 'medium'
  end as severity,
  callers.caller || case when callers.relation = 'trusted' then ' (trusted)' else '' end || ' used the bucket ' || callers.bucket
    || ' for the first time in ' || cast(date_diff('day', unknown_callers.first_hour, callers.window_start) as varchar)
    || ' days of history: ' || cast(callers.event_count as varchar)
    || case when callers.event_count = 1 then ' successful request, ' else ' successful requests, first ' end
    || callers.first_action
    || case when starts_with(callers.principal_raw, 'arn:') then ' by ' || callers.principal_raw else '' end as summary,
  callers.account_id, callers.region, callers.bucket, callers.key, callers.caller as principal, callers.source_ip,
  callers.user_agent, callers.first_event_at, callers.last_event_at, callers.event_count,
  callers.row_ids as evidence,
  cast(unknown_callers.known_callers as varchar) || ' known accounts in ' || cast(unknown_callers.active_days as varchar)
    || ' active days' as expected,
  callers.caller as observed,
  cast(date_diff('day', unknown_callers.first_hour, callers.window_start) as integer) as history_days,
  filter(array[
    'account: UNSEEN',
    case when coalesce(roll_outs.peers, 0) >= $roll_out_peers then 'other buckets: FREQUENT' end,
    case when coalesce(buckets.is_sensitive, false) or sensitive_callers.bucket is not null then 'bucket: SENSITIVE' end
  ], factor -> factor is not null) as factors
from callers
cross join settings
join unknown_callers
  on unknown_callers.window_start = callers.window_start
  and unknown_callers.bucket = callers.bucket
  and unknown_callers.caller = callers.caller
left join roll_outs
  on roll_outs.window_start = callers.window_start
  and roll_outs.bucket = callers.bucket
  and roll_outs.caller = callers.caller
left join buckets on buckets.bucket = callers.bucket
left join sensitive_callers
  on sensitive_callers.window_start = callers.window_start
  and sensitive_callers.bucket = callers.bucket
  and sensitive_callers.caller = callers.caller
order by callers.window_start, callers.bucket, callers.caller
