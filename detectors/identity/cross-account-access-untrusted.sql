/*---
id: cross-account-access-untrusted
version: 1
title: access by an account outside the trust list
severity: high
severity_rules:
  - critical when the account changed something (write, delete, permission) in a bucket or prefix listed as sensitive
family: identity
sources: [access_log, cloudtrail_data]
tactic: initial-access
mitre: [T1199, T1530]
window: hour
entity: [bucket, principal]
needs_learning: false
needs: accounts.trusted
params: {}
description: >-
  A signed request of a principal whose account is neither yours nor under accounts.trusted succeeded. Runs only when trusted
  accounts are configured and your own are known, because otherwise every partner would be a finding. Reads and listings
  of buckets under public_buckets do not count: anybody may make them, with credentials too.
false_positives:
  - A partner that nobody listed; add its account under accounts.trusted.
  - Delivery accounts of AWS itself (load balancers in older regions write from accounts of AWS); add them too.
known_gaps:
  - The root of another account stands in access logs as a canonical id, which names no account; only CloudTrail shows it.
  - The bucket owner's copy in CloudTrail names the foreign account and not its role; the access log has the role, and a
    request that both saw shows the account only.
  - Access that came in through a role of yours (role chaining) looks like yours; see the AssumeRole events of the role.
next_steps:
  - "See what it did: select event_time, action, key, source_ip, user_agent, status from s3_events where bucket = '<bucket>' and principal = '<principal>' order by event_time."
  - "Find what lets it in: select event_time, event_name, request_parameters from cloudtrail where bucket = '<bucket>' and event_name in ('PutBucketPolicy', 'PutBucketAcl', 'PutObjectAcl') order by event_time desc."
  - Take the grant back, or add the account under accounts.trusted with a note of whose it is.
references:
  - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-user-identity.html
  - https://attack.mitre.org/techniques/T1199/
---*/
with
foreign_requests as (
  select
    date_trunc('hour', events.event_time) as window_start,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.principal, events.principal_account_id,
    events.source_ip, events.user_agent, events.row_id, events.action_class,
    events.action_class in ('write', 'delete', 'permission', 'config') as is_change,
    coalesce(buckets.is_sensitive, false) or has_prefix(events.key, buckets.sensitive_prefixes) as is_sensitive
  from s3_events as events
  cross join settings
  left join buckets on buckets.bucket = events.bucket
  where events.event_time >= $from
    and events.event_time < $to
    and settings.has_trusted_accounts
    and settings.has_own_accounts
    and events.is_success
    and events.principal_account_id is not null
    and not events.is_anonymous
    and not events.is_aws_service
    and events.principal_kind not in ('service', 'cloudfront')
    and not (coalesce(buckets.is_public, false) and events.action_class in ('read', 'list'))
    and not exists (select 1 from accounts where accounts.account_id = events.principal_account_id)
),
totals as (
  select
    window_start, bucket, principal,
    max(account_id) as account_id,
    max(region) as region,
    max(principal_account_id) as principal_account_id,
    min_by(key, row(event_time, row_id)) as key,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    sum(case when is_change then 1 else 0 end) as changes,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    bool_or(is_sensitive) as is_sensitive,
    bool_or(is_sensitive and is_change) as is_sensitive_change
  from foreign_requests
  group by window_start, bucket, principal
)
select
  window_start,
  case when is_sensitive_change then 'critical' else 'high' end as severity,
  principal || ' of the untrusted account ' || principal_account_id || ' made ' || cast(event_count as varchar)
    || case when event_count = 1 then ' request' else ' requests' end || ' to bucket ' || bucket
    || case when changes > 0 then ', ' || cast(changes as varchar) || ' of them changes' else '' end as summary,
  account_id, region, bucket, key, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  principal_account_id as observed,
  array[
    'account: UNTRUSTED',
    case when changes > 0 then 'requests: CHANGES' end,
    case when is_sensitive then 'bucket: SENSITIVE' end
  ] as factors
from totals
order by window_start, bucket, principal
