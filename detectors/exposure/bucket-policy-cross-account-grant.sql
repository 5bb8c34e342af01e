/*---
id: bucket-policy-cross-account-grant
version: 1
title: bucket policy shares with an account outside the trust list
severity: high
severity_rules:
  - critical when the bucket or a prefix of it is listed as sensitive
  - medium when the policy names only canonical user ids, whose accounts are not known
family: exposure
sources: [cloudtrail_management]
tactic: exfiltration
mitre: [T1537, T1098]
window: hour
entity: [bucket, principal]
needs_learning: false
params: {}
description: >-
  A bucket policy was set of which a statement allows a named account that is neither the owner of the bucket, nor one of
  your own, nor trusted. Accounts are read from Principal (ids, ARNs, canonical user ids) and from conditions that narrow a
  statement for everybody to an account. Each statement is judged by itself, so an account of yours beside the foreign
  one hides nothing. Service principals and CloudFront origin access identities name no account.
false_positives:
  - A vendor or a log archive; add its account under accounts.trusted.
  - Delivery accounts of AWS itself (load balancers in older regions write from accounts of AWS); add them too.
known_gaps:
  - Without accounts.own in the config, your accounts are those whose trails deliver here; list them when only some do.
  - An organization in a condition is taken to be yours, because the logs do not say whose it is.
  - A trusted account that is compromised stays silent here; cross-account-access-first-seen looks at its use.
  - The unique ids that AWS puts in the place of deleted principals name nobody and are skipped.
next_steps:
  - "Read the policy and the one before it: select event_time, request_parameters from cloudtrail where event_name = 'PutBucketPolicy' and bucket = '<bucket>' order by event_time desc limit 2."
  - "See what the account did: select event_time, action, key, principal, source_ip from s3_events where bucket = '<bucket>' and principal_account_id in ('<account>') order by event_time desc."
  - Ask the principal's owner whose account it is; if nobody knows, put the previous policy back and revoke the sessions.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-walkthroughs-managing-access-example2.html
  - https://attack.mitre.org/techniques/T1537/
---*/
with
sensitive_buckets as (
  select bucket from buckets where is_sensitive
  union
  select bucket from sensitive_prefixes
),
grants as (
  select
    date_trunc('hour', granted.event_time) as window_start,
    granted.row_id, granted.event_time, granted.account_id, granted.region, granted.bucket, granted.principal, granted.source_ip,
    granted.user_agent, granted.accounts, granted.canonical_users, granted.allows_write,
    sensitive_buckets.bucket is not null as is_sensitive
  from policy_grants as granted
  left join sensitive_buckets on sensitive_buckets.bucket = granted.bucket
  where granted.event_time >= $from
    and granted.event_time < $to
    and granted.via = 'policy'
),
named as (
  select
    grants.window_start, grants.row_id, grants.event_time, grants.account_id, grants.region, grants.bucket, grants.principal,
    grants.source_ip, grants.user_agent, grants.allows_write, grants.is_sensitive, outsider.account as outsider, true as is_account
  from grants
  cross join unnest(grants.accounts) as outsider (account)
  union all
  select
    grants.window_start, grants.row_id, grants.event_time, grants.account_id, grants.region, grants.bucket, grants.principal,
    grants.source_ip, grants.user_agent, grants.allows_write, grants.is_sensitive, outsider.id, false
  from grants
  cross join unnest(grants.canonical_users) as outsider (id)
),
calls as (
  select
    window_start, row_id, event_time, account_id, region, bucket, principal, source_ip, user_agent, is_sensitive,
    bool_or(allows_write) as allows_write,
    bool_or(is_account) as names_account,
    count(distinct outsider) as outsiders,
    min(outsider) as outsider
  from named
  group by window_start, row_id, event_time, account_id, region, bucket, principal, source_ip, user_agent, is_sensitive
),
totals as (
  select
    window_start, bucket, principal,
    max(account_id) as account_id,
    max(region) as region,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    max(outsiders) as outsiders,
    max_by(outsider, row(outsiders, event_time, row_id)) as outsider,
    bool_or(allows_write) as allows_write,
    bool_or(names_account) as names_account,
    bool_or(is_sensitive) as is_sensitive
  from calls
  group by window_start, bucket, principal
)
select
  window_start,
  case when is_sensitive then 'critical' when names_account then 'high' else 'medium' end as severity,
  principal || ' let ' || case when names_account then 'account ' else 'canonical user ' end || outsider
    || case when outsiders > 1 then ' and ' || cast(outsiders - 1 as varchar) || ' more' else '' end
    || case when allows_write then ' change' else ' read' end || ' bucket ' || bucket || ' by its policy' as summary,
  account_id, region, bucket, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  outsider as observed,
  array[
    case when names_account then 'account: UNTRUSTED' else 'account: UNKNOWN' end,
    case when allows_write then 'grant: WRITE' else 'grant: READ' end,
    case when is_sensitive then 'bucket: SENSITIVE' end
  ] as factors
from totals
order by window_start, bucket, principal
