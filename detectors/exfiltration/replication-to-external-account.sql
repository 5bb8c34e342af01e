/*---
id: replication-to-external-account
version: 1
title: replication to another account
severity: high
severity_rules:
  - critical when the bucket or a prefix of it is sensitive
  - medium when no rule names an account and a destination was never seen in your logs (it may be a new bucket of yours)
family: exfiltration
sources: [cloudtrail_management]
tactic: exfiltration
mitre: [T1537, T1567.002]
window: hour
entity: [bucket, principal]
needs_learning: false
params: {}
description: >-
  Replication was set on a bucket with an enabled rule whose destination belongs to an account that is neither yours nor
  trusted, or to a bucket that a log shows to be such an account's, or that no log of 90 days has ever shown. From then on S3 itself
  copies every new object there. The destination's account is read from the rule, and if the rule names none, from what
  CloudTrail showed of the destination bucket. Rules are judged one by one, an object or a list of them; disabled ones do nothing.
false_positives:
  - A backup or disaster-recovery account; add it under accounts.own or accounts.trusted.
  - A destination in a Region whose bucket nobody used yet (medium).
known_gaps:
  - A destination without an account, that your own principals use, counts as yours when no log shows its owner.
  - S3 Batch Replication of what is there already makes no rule; its job is an s3control event.
  - A change whose parameters were too large to log cannot be judged; policy-change-params-omitted says so.
next_steps:
  - "Read the configuration and the one before it: select event_time, principal, request_parameters from cloudtrail where event_name = 'PutBucketReplication' and bucket = '<bucket>' order by event_time desc limit 2."
  - If nobody knows the destination, delete the replication configuration and take the replication role's rights away.
  - "See what was written since, for that is what has left: select key, event_time from s3_events where bucket = '<bucket>' and action_class = 'write' order by event_time desc limit 100."
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-walkthrough-2.html
  - https://attack.mitre.org/techniques/T1537/
---*/
with
changes as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, coalesce(bucket_account_id, recipient_account_id) as account_id, aws_region as region, bucket, principal,
    source_ip_address as source_ip, user_agent, row_id, request_parameters
  from cloudtrail
  where event_name in ('PutBucketReplication', 'PutBucketReplicationConfiguration')
    and is_success
    and bucket is not null
),
-- One rule is an object, several are a list.
rules as (
  select
    row_id,
    json_extract_scalar(request_parameters, '$.ReplicationConfiguration.Rule.Status') as status,
    json_extract_scalar(request_parameters, '$.ReplicationConfiguration.Rule.Destination.Bucket') as destination,
    json_extract_scalar(request_parameters, '$.ReplicationConfiguration.Rule.Destination.Account') as to_account_id
  from changes
  union all
  select
    changes.row_id,
    json_extract_scalar(changes.request_parameters, '$.ReplicationConfiguration.Rule[' || cast(rule.place as varchar) || '].Status'),
    json_extract_scalar(changes.request_parameters, '$.ReplicationConfiguration.Rule[' || cast(rule.place as varchar) || '].Destination.Bucket'),
    json_extract_scalar(changes.request_parameters, '$.ReplicationConfiguration.Rule[' || cast(rule.place as varchar) || '].Destination.Account')
  from changes
  cross join unnest(sequence(0,
    greatest(coalesce(cast(json_array_length(json_extract(changes.request_parameters, '$.ReplicationConfiguration.Rule')) as bigint), 0) - 1, 0))) as rule(place)
),
destinations as (
  select distinct
    changes.window_start, changes.event_time, changes.account_id, changes.region, changes.bucket, changes.principal,
    changes.source_ip, changes.user_agent, changes.row_id,
    regexp_extract(rules.destination, '([^:]+)$', 1) as to_bucket,
    nullif(rules.to_account_id, '') as to_account_id
  from changes
  join rules on rules.row_id = changes.row_id
  where lower(rules.status) = 'enabled'
    and rules.destination is not null
),
owners as (
  select bucket, max(bucket_account_id) as account_id
  from cloudtrail
  where bucket_account_id is not null
    and bucket in (select to_bucket from destinations)
  group by bucket
),
used_buckets as (
  select distinct bucket
  from activity
  where bucket in (select to_bucket from destinations)
    and requests > errors
),
judged as (
  select
    destinations.window_start, destinations.event_time, destinations.account_id, destinations.region, destinations.bucket,
    destinations.principal, destinations.source_ip, destinations.user_agent, destinations.row_id, destinations.to_bucket,
    coalesce(destinations.to_account_id, owners.account_id) as to_account_id,
    case
      when accounts.relation is not null then 'known'
      when coalesce(destinations.to_account_id, owners.account_id) is not null and settings.has_own_accounts then 'foreign'
      when coalesce(destinations.to_account_id, owners.account_id) is null and used_buckets.bucket is null then 'unseen'
      else 'known'
    end as verdict
  from destinations
  cross join settings
  left join owners on owners.bucket = destinations.to_bucket
  left join used_buckets on used_buckets.bucket = destinations.to_bucket
  left join accounts on accounts.account_id = coalesce(destinations.to_account_id, owners.account_id)
),
sensitive_buckets as (
  select bucket from buckets where is_sensitive
  union
  select bucket from sensitive_prefixes
),
totals as (
  select
    judged.window_start, judged.bucket, judged.principal,
    max(judged.account_id) as account_id,
    max(judged.region) as region,
    min_by(judged.source_ip, row(judged.event_time, judged.row_id)) as source_ip,
    min_by(judged.user_agent, row(judged.event_time, judged.row_id)) as user_agent,
    min(judged.event_time) as first_event_at,
    max(judged.event_time) as last_event_at,
    count(distinct judged.row_id) as event_count,
    bool_or(judged.verdict = 'foreign') as is_foreign,
    count(distinct judged.to_bucket) as destinations,
    -- A foreign account before a bucket that is only unknown.
    min_by(judged.to_bucket, row(judged.verdict, judged.to_bucket)) as to_bucket,
    min_by(judged.to_account_id, row(judged.verdict, judged.to_bucket)) as to_account_id,
    array_sort(array_agg(distinct judged.row_id)) as row_ids
  from judged
  where judged.verdict <> 'known'
  group by judged.window_start, judged.bucket, judged.principal
)
select
  totals.window_start,
  case
    when sensitive_buckets.bucket is not null then 'critical'
    when totals.is_foreign then 'high'
    else 'medium'
  end as severity,
  totals.principal || ' let S3 replicate the bucket ' || totals.bucket || ' to the bucket ' || totals.to_bucket
    || case
      when totals.is_foreign then ' of account ' || coalesce(totals.to_account_id, 'unknown')
      else ', which no log has shown'
    end
    || case when totals.destinations > 1 then ' and ' || cast(totals.destinations - 1 as varchar) || ' more' else '' end as summary,
  totals.account_id, totals.region, totals.bucket, totals.principal, totals.source_ip, totals.user_agent, totals.first_event_at,
  totals.last_event_at, totals.event_count,
  slice(totals.row_ids, 1, 10) as evidence,
  totals.to_bucket || coalesce(' of account ' || totals.to_account_id, '') as observed,
  filter(array[
    case when totals.is_foreign then 'destination: UNTRUSTED' else 'destination: UNSEEN' end,
    case when sensitive_buckets.bucket is not null then 'bucket: SENSITIVE' end
  ], factor -> factor is not null) as factors
from totals
left join sensitive_buckets on sensitive_buckets.bucket = totals.bucket
order by totals.window_start, totals.bucket, totals.principal
