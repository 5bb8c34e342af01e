/*---
id: write-to-foreign-bucket
version: 1
title: own principal uploads to a bucket of another account
severity: high
severity_rules:
  - high when the principal read min_reads objects of your buckets in the same hour or the one before
  - medium when it only wrote there for the first time
family: exfiltration
sources: [cloudtrail_data]
tactic: exfiltration
mitre: [T1537, T1567.002]
window: hour
entity: [bucket, principal]
needs_learning: true
learns: The foreign buckets that each principal writes to.
params:
  min_reads:
    default: 10
    unit: requests
    description: Reads of your own buckets in the hour or the one before that make the upload look like a transfer.
  baseline_days:
    default: 90
    unit: days
    description: A foreign bucket that the principal wrote to in this many days before is known.
description: >-
  A principal of yours uploaded objects to a bucket whose owner is neither you nor trusted. CloudTrail delivers such events to the
  account of the caller, so your own trail shows them when it records data events of all buckets. The first write of a
  principal to a foreign bucket alerts; one of a principal that reads your buckets at the same time weighs more. Uploads to a known
  bucket are normal, even beside reads. Copies by S3 itself have a detector of their own, copy-to-external-account.
false_positives:
  - Buckets of AWS services that your principals write to with their own credentials (deployment tools, Systems Manager).
  - A vendor's drop box; add its account under accounts.trusted. One alert for each pair, then learned.
known_gaps:
  - Access logs never show this, for the foreign bucket is not yours; CloudTrail shows it only with data events of all buckets.
  - Until the principal has as much history as the learning period, only an upload beside reads alerts.
  - Credentials of the other account used inside your network leave nothing in your trail; a VPC endpoint policy stops them.
next_steps:
  - "See what was uploaded: select event_time, event_name, key, bytes_in, source_ip_address, user_agent from cloudtrail where bucket = '<bucket>' and principal = '<principal>' order by event_time."
  - "See what it read before: select bucket, count(*), sum(bytes_out) from s3_events where principal = '<principal>' and action_class = 'read' group by bucket order by 3 desc."
  - Ask the owner of the principal whose bucket it is; if nobody knows, revoke its sessions.
  - Let your principals write to buckets of the organization only (a policy with aws:ResourceOrgID, and one on VPC endpoints).
references:
  - https://attack.mitre.org/techniques/T1537/
  - https://attack.mitre.org/techniques/T1567/002/
---*/
with
uploads as (
  select
    date_trunc('hour', trail.event_time) as window_start,
    trail.event_time, trail.recipient_account_id as account_id, trail.aws_region as region, trail.bucket, trail.key,
    trail.principal, trail.source_ip_address as source_ip, trail.user_agent, trail.row_id, trail.bytes_in, trail.bucket_account_id
  from cloudtrail as trail
  cross join settings
  join accounts as callers
    on callers.account_id = trail.user_identity_account_id
    and callers.relation = 'own'
  left join accounts as owners on owners.account_id = trail.bucket_account_id
  where trail.event_name in ('PutObject', 'PostObject', 'CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload')
    and trail.is_success
    and settings.has_own_accounts
    and not trail.is_aws_service
    and trail.principal_kind not in ('service', 'cloudfront')
    and owners.relation is null
    and regexp_like(trail.bucket_account_id, '^[0-9]{12}$')
),
totals as (
  select
    window_start, bucket, principal,
    max(account_id) as account_id,
    max(region) as region,
    min_by(key, row(event_time, row_id)) as key,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    coalesce(sum(bytes_in), 0) as bytes,
    max(bucket_account_id) as owner_account_id,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from uploads
  group by window_start, bucket, principal
),
habits as (
  select
    tested.principal, activity.bucket, activity.hour, activity.action_class,
    max(activity.requests - activity.errors) as requests
  from (select distinct principal from totals) as tested
  join activity on activity.principal = tested.principal
  where activity.requests > activity.errors
  group by tested.principal, activity.bucket, activity.hour, activity.action_class
),
presences as (
  select principal, min(hour) as first_hour
  from habits
  group by principal
),
known_pairs as (
  select distinct totals.window_start, totals.bucket, totals.principal
  from totals
  join habits
    on habits.principal = totals.principal
    and habits.bucket = totals.bucket
  where habits.action_class = 'write'
    and habits.hour < totals.window_start
    and habits.hour >= totals.window_start - $baseline_days * interval '1' day
),
foreign_buckets as (
  select distinct bucket
  from totals
),
reads as (
  select
    totals.window_start, totals.bucket, totals.principal,
    cast(sum(habits.requests) as bigint) as reads
  from totals
  join habits on habits.principal = totals.principal
  left join foreign_buckets on foreign_buckets.bucket = habits.bucket
  where habits.action_class = 'read'
    and foreign_buckets.bucket is null
    and habits.hour <= totals.window_start
    and habits.hour >= totals.window_start - interval '1' hour
  group by totals.window_start, totals.bucket, totals.principal
)
select
  totals.window_start,
  case when coalesce(reads.reads, 0) >= $min_reads then 'high' else 'medium' end as severity,
  totals.principal || ' uploaded to the bucket ' || totals.bucket || ' of account ' || totals.owner_account_id || ' ('
    || cast(totals.event_count as varchar) || case when totals.event_count = 1 then ' request, ' else ' requests, ' end
    || cast(cast(totals.bytes / 1e6 as decimal(18, 0)) as varchar) || ' MB)'
    || case
      when coalesce(reads.reads, 0) >= $min_reads then ' while it read ' || cast(reads.reads as varchar) || ' times from your buckets'
      else ', for the first time'
    end as summary,
  totals.account_id, totals.region, totals.bucket, totals.key, totals.principal, totals.source_ip, totals.user_agent,
  totals.first_event_at, totals.last_event_at, totals.event_count,
  totals.row_ids as evidence,
  'no uploads to this bucket in ' || cast($baseline_days as varchar) || ' days' as expected,
  'account ' || totals.owner_account_id as observed,
  cast(date_diff('day', presences.first_hour, totals.window_start) as integer) as history_days,
  filter(array[
    'owner of the bucket: UNTRUSTED',
    'bucket: UNSEEN',
    case when coalesce(reads.reads, 0) >= $min_reads then 'own buckets: READ' end
  ], factor -> factor is not null) as factors
from totals
cross join settings
join presences on presences.principal = totals.principal
left join known_pairs
  on known_pairs.window_start = totals.window_start
  and known_pairs.bucket = totals.bucket
  and known_pairs.principal = totals.principal
left join reads
  on reads.window_start = totals.window_start
  and reads.bucket = totals.bucket
  and reads.principal = totals.principal
where known_pairs.principal is null
  and (coalesce(reads.reads, 0) >= $min_reads
    or presences.first_hour <= totals.window_start - settings.learning_days * interval '1' day)
order by totals.window_start, totals.bucket, totals.principal
