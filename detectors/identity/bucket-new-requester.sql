/*---
id: bucket-new-requester
version: 1
title: new requester on a stable or sensitive bucket
severity: medium
severity_rules:
  - medium on a sensitive bucket, or on a stable one (at most max_requesters requesters over min_stable_days active days)
  - info on other buckets
  - info (low on a sensitive bucket) when a requester of the same account and the same name but for a last part with a digit (app-api-7f3a, app-api-v2) is known, as a redeployed role is
  - info (low on a sensitive bucket) when the requester already used three or more other buckets in the seven days before
family: identity
sources: [access_log, cloudtrail_data]
tactic: collection
mitre: [T1530]
window: day
entity: [bucket, principal]
needs_learning: true
learns: The principals that use each bucket successfully.
params:
  baseline_days:
    default: 90
    unit: days
    description: A principal that used the bucket successfully in this many days before is known.
  max_requesters:
    default: 10
    unit: principals
    description: A bucket with at most this many requesters counts as stable.
  min_stable_days:
    default: 14
    unit: days
    description: Active days that a bucket needs to count as stable.
  min_active_days:
    default: 5
    unit: days
    description: Days with activity that a bucket needs before its requesters count as learned.
  max_new_per_day:
    default: 1
    unit: principals per active day
    description: A bucket that gains more new requesters than this is not judged.
  roll_out_peers:
    default: 3
    unit: buckets
    description: Other buckets that the requester used in the seven days before, from which on it is a roll-out.
description: >-
  A principal that never used this bucket before made a successful request to it. Role sessions count as their role.
  Anonymous callers, failed signatures, CloudFront identities and AWS services have detectors of their own or are not
  judged. A caller of another account is known when CloudTrail showed its account before, since CloudTrail shows no more.
false_positives:
  - A newly deployed role or a person's first look; one alert, then the pair is learned.
  - Inventory, backup and scanning tools on their first run.
known_gaps:
  - Whoever names a new role like a known one is lowered to info (low on a sensitive bucket).
  - A stolen session of a known role is not new; principal-new-source-ip and the volume detectors look at that.
  - A known principal that did one harmless request is known for all later ones.
next_steps:
  - "See what it did: select event_time, action, key, status, source_ip, user_agent from s3_events where bucket = '<bucket>' and principal = '<principal>' order by event_time."
  - "See who uses the bucket otherwise: select principal, action_class, count(*) from s3_events where bucket = '<bucket>' group by principal, action_class order by 3 desc."
  - Check when the principal was created and which policy lets it in (CloudTrail CreateRole, AttachRolePolicy, PutBucketPolicy).
  - Ask the owner of the bucket; if the access is not wanted, remove it in the bucket policy first and then at the principal.
references:
  - https://attack.mitre.org/techniques/T1530/
---*/
with
-- The rollup says who used what in the day; only those who are new to a bucket are looked up in the logs.
used_buckets as (
  select distinct date_trunc('day', hour) as window_start, bucket, principal
  from activity
  where hour >= $from
    and bucket is not null
    and principal_kind not in ('service', 'cloudfront', 'anonymous', 'unauthenticated', 'unknown')
),
tested_buckets as (
  select distinct window_start, bucket
  from used_buckets
),
-- An access-log row and its CloudTrail twin are both in the rollup: the greater of the two, never their sum.
history as (
  select
    tested_buckets.window_start, tested_buckets.bucket, activity.hour, activity.principal, activity.action_class,
    max(activity.principal_account_id) as principal_account_id,
    max(activity.principal_kind) as principal_kind,
    bool_or(activity.is_aws_service) as is_aws_service,
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
known_requesters as (
  select
    window_start, bucket, principal,
    max(principal_account_id) as principal_account_id,
    max(principal_kind) as principal_kind,
    max(regexp_extract(principal, '/([^/]{4,})[-_.][A-Za-z]*[0-9][0-9A-Za-z]*$', 1)) as name_stem,
    min(hour) as first_hour
  from history
  where successes > 0
    and not is_aws_service
    and principal_kind not in ('service', 'cloudfront', 'anonymous', 'unauthenticated', 'unknown')
  group by window_start, bucket, principal
),
requester_counts as (
  select
    bucket_history.window_start, bucket_history.bucket, bucket_history.first_hour, bucket_history.active_days,
    bucket_history.requests, settings.learning_days, settings.learning_min_events,
    count(known_requesters.principal) as known_requesters,
    sum(case when known_requesters.first_hour >= bucket_history.first_hour + settings.learning_days * interval '1' day
      then 1 else 0 end) as later_requesters
  from bucket_history
  cross join settings
  left join known_requesters
    on known_requesters.window_start = bucket_history.window_start
    and known_requesters.bucket = bucket_history.bucket
  group by bucket_history.window_start, bucket_history.bucket, bucket_history.first_hour, bucket_history.active_days,
    bucket_history.requests, settings.learning_days, settings.learning_min_events
),
-- What the learning guard lets through.
unknown_requesters as (
  select used_buckets.window_start, used_buckets.bucket, used_buckets.principal
  from used_buckets
  join requester_counts
    on requester_counts.window_start = used_buckets.window_start
    and requester_counts.bucket = used_buckets.bucket
  left join known_requesters
    on known_requesters.window_start = used_buckets.window_start
    and known_requesters.bucket = used_buckets.bucket
    and known_requesters.principal = used_buckets.principal
  where known_requesters.principal is null
    and requester_counts.first_hour <= used_buckets.window_start - requester_counts.learning_days * interval '1' day
    and requester_counts.requests >= requester_counts.learning_min_events
    and requester_counts.active_days >= least($min_active_days, requester_counts.learning_days)
    and requester_counts.later_requesters <= $max_new_per_day * requester_counts.active_days
),
requests as (
  select
    unknown_requesters.window_start,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.action, events.principal,
    events.principal_kind, events.principal_account_id, events.source_ip, events.user_agent, events.row_id
  from s3_events as events
  join unknown_requesters
    on unknown_requesters.window_start = date_trunc('day', events.event_time)
    and unknown_requesters.bucket = events.bucket
    and unknown_requesters.principal = events.principal
  where events.is_success
    and not events.is_aws_service
),
requesters as (
  select
    window_start, bucket, principal,
    max(principal_kind) as principal_kind,
    max(principal_account_id) as principal_account_id,
    -- The name without a last part that holds a digit: app-api of role/app-api-7f3a9c and of role/app-api-v2.
    max(regexp_extract(principal, '/([^/]{4,})[-_.][A-Za-z]*[0-9][0-9A-Za-z]*$', 1)) as name_stem,
    max(account_id) as account_id,
    max(region) as region,
    min_by(key, row(event_time, row_id)) as key,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    min_by(action, row(event_time, row_id)) as first_action
  from requests
  group by window_start, bucket, principal
),
sensitive_requesters as (
  select distinct requests.window_start, requests.bucket, requests.principal
  from requests
  join sensitive_prefixes on sensitive_prefixes.bucket = requests.bucket
  where starts_with(requests.key, sensitive_prefixes.key_prefix)
),
known_accounts as (
  select window_start, bucket, principal_account_id, bool_or(principal_kind = 'account') as is_seen_as_account
  from known_requesters
  where principal_account_id is not null
  group by window_start, bucket, principal_account_id
),
known_stems as (
  select distinct window_start, bucket, principal_account_id, name_stem
  from known_requesters
  where name_stem <> ''
),
new_requesters as (
  select
    requesters.window_start, requesters.bucket, requesters.principal, requesters.account_id, requesters.region,
    requesters.key, requesters.source_ip, requesters.user_agent, requesters.first_event_at, requesters.last_event_at,
    requesters.event_count, requesters.first_action, requester_counts.first_hour, requester_counts.active_days,
    requester_counts.known_requesters,
    coalesce(buckets.is_sensitive, false) or sensitive_requesters.bucket is not null as is_sensitive,
    requester_counts.known_requesters <= $max_requesters and requester_counts.active_days >= $min_stable_days as is_stable,
    known_stems.name_stem is not null as has_named_peer
  from requesters
  join requester_counts
    on requester_counts.window_start = requesters.window_start
    and requester_counts.bucket = requesters.bucket
  left join known_accounts
    on known_accounts.window_start = requesters.window_start
    and known_accounts.bucket = requesters.bucket
    and known_accounts.principal_account_id = requesters.principal_account_id
  left join known_stems
    on known_stems.window_start = requesters.window_start
    and known_stems.bucket = requesters.bucket
    and known_stems.principal_account_id = requesters.principal_account_id
    and known_stems.name_stem = requesters.name_stem
  left join buckets on buckets.bucket = requesters.bucket
  left join sensitive_requesters
    on sensitive_requesters.window_start = requesters.window_start
    and sensitive_requesters.bucket = requesters.bucket
    and sensitive_requesters.principal = requesters.principal
  where not coalesce(known_accounts.is_seen_as_account, false)
    and not (requesters.principal_kind = 'account' and known_accounts.principal_account_id is not null)
),
roll_outs as (
  select
    new_requesters.window_start, new_requesters.bucket, new_requesters.principal,
    count(distinct activity.bucket) as peers
  from new_requesters
  join activity on activity.principal = new_requesters.principal
  where activity.bucket <> new_requesters.bucket
    and activity.requests > activity.errors
    and activity.hour < new_requesters.window_start
    and activity.hour >= new_requesters.window_start - interval '7' day
  group by new_requesters.window_start, new_requesters.bucket, new_requesters.principal
),
evidence as (
  select
    new_requesters.window_start, new_requesters.bucket, new_requesters.principal,
    min_by(requests.row_id, row(requests.event_time, requests.row_id), 10) as row_ids
  from new_requesters
  join requests
    on requests.window_start = new_requesters.window_start
    and requests.bucket = new_requesters.bucket
    and requests.principal = new_requesters.principal
  group by new_requesters.window_start, new_requesters.bucket, new_requesters.principal
)
select
  new_requesters.window_start,
  case
    when new_requesters.has_named_peer or coalesce(roll_outs.peers, 0) >= $roll_out_peers
      then case when new_requesters.is_sensitive then 'low' else 'info' end
    when new_requesters.is_sensitive or new_requesters.is_stable then 'medium'
    else 'info'
  end as severity,
  new_requesters.principal || ' used the bucket ' || new_requesters.bucket || ' for the first time in '
    || cast(date_diff('day', new_requesters.first_hour, new_requesters.window_start) as varchar) || ' days of history: ' || cast(new_requesters.event_count as varchar)
    || case when new_requesters.event_count = 1 then ' successful request, ' else ' successful requests, first ' end
    || new_requesters.first_action as summary,
  new_requesters.account_id, new_requesters.region, new_requesters.bucket, new_requesters.key, new_requesters.principal,
  new_requesters.source_ip, new_requesters.user_agent, new_requesters.first_event_at, new_requesters.last_event_at,
  new_requesters.event_count, evidence.row_ids as evidence,
  cast(new_requesters.known_requesters as varchar) || ' known requesters in '
    || cast(new_requesters.active_days as varchar) || ' active days' as expected,
  new_requesters.principal as observed,
  cast(date_diff('day', new_requesters.first_hour, new_requesters.window_start) as integer) as history_days,
  filter(array[
    'requester: UNSEEN',
    case when new_requesters.is_sensitive then 'bucket: SENSITIVE' end,
    case when new_requesters.is_stable then 'bucket: STABLE' end,
    case when new_requesters.has_named_peer then 'name but for its suffix: FREQUENT' end,
    case when coalesce(roll_outs.peers, 0) >= $roll_out_peers then 'peers: ROLL-OUT' end
  ], factor -> factor is not null) as factors
from new_requesters
join evidence
  on evidence.window_start = new_requesters.window_start
  and evidence.bucket = new_requesters.bucket
  and evidence.principal = new_requesters.principal
left join roll_outs
  on roll_outs.window_start = new_requesters.window_start
  and roll_outs.bucket = new_requesters.bucket
  and roll_outs.principal = new_requesters.principal
order by new_requesters.window_start, new_requesters.bucket, new_requesters.principal
