/*---
id: sse-c-first-use
version: 1
title: objects encrypted with a caller's key (SSE-C) for the first time
severity: high
severity_rules:
  - medium when the bucket is used to SSE-C and only the principal is new to it
family: impact
sources: [cloudtrail_data]
tactic: impact
mitre: [T1486]
window: hour
entity: [bucket, principal]
needs_learning: true
learns: The buckets and principals that use SSE-C.
params:
  baseline_days:
    default: 90
    unit: days
    description: A bucket or principal that used SSE-C in this many days before is known.
description: >-
  An object was written with server-side encryption under a key that only the caller has (SSE-C), in a bucket that never used it, or by
  a principal that never did. AWS does not keep such a key; whoever encrypts your objects with it can ask a ransom for it (Codefinger, 2025).
  CloudTrail tells by SSEApplied, or in older records by the request's or the answer's header. Reads with SSE-C count as known use, and
  refused attempts do not count here (sse-c-mass-encryption counts them).
false_positives:
  - The first use of a program that brings its own keys; suppress its bucket.
known_gaps:
  - Access logs do not show encryption, so only buckets with data events in CloudTrail are watched.
  - Records without SSEApplied are found in the window but are not remembered as history.
  - A bucket without a request before the learning period is not judged; sse-c-mass-encryption needs no history.
next_steps:
  - "See what was written with it: select event_time, event_name, key, source_ip_address, user_agent from cloudtrail where bucket = '<bucket>' and sse_applied = 'SSE_C' order by event_time."
  - Ask the principal's owner at once. If nobody knows, deny it in the bucket policy before more objects are lost.
  - Restore the versions before the first event; with the key unknown the new ones cannot be opened.
  - Block SSE-C on the bucket (BlockedEncryptionTypes of its default encryption), or in the organization.
references:
  - https://attack.mitre.org/techniques/T1486/
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
---*/
with
writes as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, coalesce(bucket_account_id, recipient_account_id) as account_id, aws_region as region, bucket, key, principal,
    source_ip_address as source_ip, user_agent, row_id, event_name, sse_applied
  from cloudtrail
  where event_name in ('PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload', 'UploadPart')
    and is_success
    and not is_aws_service
    and bucket is not null
    and case
      when sse_applied is not null then sse_applied = 'SSE_C'
      else strpos(request_parameters, '"x-amz-server-side-encryption-customer-algorithm":') > 0
        or strpos(response_elements, '"x-amz-server-side-encryption-customer-algorithm":') > 0
    end
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
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from writes
  group by window_start, bucket, principal
),
bucket_ages as (
  select activity.bucket, min(activity.hour) as first_hour
  from (select distinct bucket from totals) as tested
  join activity on activity.bucket = tested.bucket
  group by activity.bucket
),
known_buckets as (
  select distinct totals.window_start, totals.bucket
  from totals
  join sightings
    on sightings.dimension = 'bucket-encryption'
    and sightings.entity = totals.bucket
    and sightings.value = 'SSE-C'
  where sightings.day < cast(totals.window_start as date)
    and sightings.day >= cast(totals.window_start - $baseline_days * interval '1' day as date)
),
known_principals as (
  select distinct totals.window_start, totals.principal
  from totals
  join sightings
    on sightings.dimension = 'principal-encryption'
    and sightings.entity = totals.principal
    and sightings.value = 'SSE-C'
  where sightings.day < cast(totals.window_start as date)
    and sightings.day >= cast(totals.window_start - $baseline_days * interval '1' day as date)
)
select
  totals.window_start,
  case when known_buckets.bucket is null then 'high' else 'medium' end as severity,
  totals.principal || ' wrote ' || cast(totals.event_count as varchar) || case when totals.event_count = 1 then ' object' else ' objects' end
    || ' to the bucket ' || totals.bucket || ' under a key that only the caller has (SSE-C), for the first time'
    || case when known_buckets.bucket is null then ' in this bucket' else ' by this principal' end as summary,
  totals.account_id, totals.region, totals.bucket, totals.key, totals.principal, totals.source_ip, totals.user_agent,
  totals.first_event_at, totals.last_event_at, totals.event_count,
  totals.row_ids as evidence,
  case when known_buckets.bucket is null then 'no SSE-C in this bucket' else 'SSE-C by other principals only' end as expected,
  cast(totals.event_count as varchar) || ' writes with SSE-C' as observed,
  cast(date_diff('day', bucket_ages.first_hour, totals.window_start) as integer) as history_days,
  filter(array[
    case when known_buckets.bucket is null then 'SSE-C in this bucket: UNSEEN' end,
    case when known_principals.principal is null then 'SSE-C by this principal: UNSEEN' end
  ], factor -> factor is not null) as factors
from totals
cross join settings
join bucket_ages on bucket_ages.bucket = totals.bucket
left join known_buckets
  on known_buckets.window_start = totals.window_start
  and known_buckets.bucket = totals.bucket
left join known_principals
  on known_principals.window_start = totals.window_start
  and known_principals.principal = totals.principal
where (known_buckets.bucket is null or known_principals.principal is null)
  and bucket_ages.first_hour <= totals.window_start - settings.learning_days * interval '1' day
order by totals.window_start, totals.bucket, totals.principal
