/*---
id: sse-c-mass-encryption
version: 1
title: bucket being encrypted with a caller's key (SSE-C)
severity: critical
severity_rules:
  - high when every attempt was refused
family: impact
sources: [cloudtrail_data]
tactic: impact
mitre: [T1486]
window: hour
entity: [bucket, principal]
needs_learning: false
params:
  min_writes:
    default: 20
    unit: writes
    description: Writes with SSE-C by one principal in one bucket within ten minutes, from which on to alert; a copy of an object onto itself counts double.
  known_share:
    default: 0.9
    unit: share of requests
    description: Share of the bucket's reads and writes of the baseline that used SSE-C, from which on SSE-C is what the bucket is for.
  baseline_days:
    default: 30
    unit: days
    description: History that the share is taken of.
description: >-
  One principal wrote many objects of a bucket within ten minutes under a key that only the caller has (SSE-C), or tried to. Copying
  objects onto themselves with SSE-C is how a bucket is held to ransom without leaving the account (Codefinger, 2025): such a copy counts
  double, and the parts of an upload do not count. Buckets where SSE-C is blocked, the default since April 2026, refuse the
  attempt; it counts all the same. Buckets whose reads and writes nearly all used SSE-C before are left out.
false_positives:
  - A program that brings its own keys and begins to use a bucket; suppress the bucket.
known_gaps:
  - Access logs do not show encryption, so only buckets with data events in CloudTrail are watched.
  - Fewer than the limit in any ten minutes stay below; sse-c-first-use sees the first of them.
next_steps:
  - Stop the principal at once (deny it in the bucket policy, revoke its sessions); every minute costs objects.
  - "See which objects: select event_time, event_name, key, error_code, source_ip_address from cloudtrail where bucket = '<bucket>' and principal = '<principal>' and (sse_applied = 'SSE_C' or request_parameters like '%customer-algorithm%') order by event_time."
  - With versioning on, restore the versions before the first event. Lifecycle rules and version deletes are often set next; look for them.
  - Block SSE-C on every bucket that does not need it.
references:
  - https://attack.mitre.org/techniques/T1486/
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
---*/
with
writes as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, coalesce(bucket_account_id, recipient_account_id) as account_id, aws_region as region, bucket, key, principal,
    source_ip_address as source_ip, user_agent, row_id, is_success,
    case
      when event_name = 'CopyObject'
        and regexp_extract(replace(replace(request_parameters, '%2F', '/'), '%2f', '/'), '"x-amz-copy-source":\[?"/?([^"?]*)', 1) = bucket || '/' || key
        then 2
      else 1
    end as weight
  from cloudtrail
  where event_name in ('PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload')
    and not is_aws_service
    and bucket is not null
    and case
      when is_success and sse_applied is not null then sse_applied = 'SSE_C'
      else strpos(request_parameters, '"x-amz-server-side-encryption-customer-algorithm":') > 0
        or strpos(response_elements, '"x-amz-server-side-encryption-customer-algorithm":') > 0
    end
),
paces as (
  select
    window_start, event_time, account_id, region, bucket, key, principal, source_ip, user_agent, row_id, is_success, weight,
    sum(weight) over (
      partition by bucket, principal
      order by event_time
      range between interval '10' minute preceding and current row
    ) as pace
  from writes
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
    sum(case when is_success then 1 else 0 end) as successes,
    sum(case when weight = 2 then 1 else 0 end) as self_copies,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from paces
  group by window_start, bucket, principal
  having max(pace) >= $min_writes
),
uses as (
  select totals.window_start, totals.bucket, sum(activity.requests - activity.errors) as requests
  from (select distinct window_start, bucket from totals) as totals
  join activity on activity.bucket = totals.bucket
  where activity.source = 'cloudtrail'
    and activity.action_class in ('read', 'write')
    and activity.hour < date_trunc('day', totals.window_start)
    and activity.hour >= date_trunc('day', totals.window_start) - $baseline_days * interval '1' day
  group by totals.window_start, totals.bucket
),
known_uses as (
  select totals.window_start, totals.bucket, sum(sightings.events) as events
  from (select distinct window_start, bucket from totals) as totals
  join sightings
    on sightings.dimension = 'bucket-encryption'
    and sightings.entity = totals.bucket
    and sightings.value = 'SSE-C'
  where sightings.day < cast(totals.window_start as date)
    and sightings.day >= cast(totals.window_start - $baseline_days * interval '1' day as date)
  group by totals.window_start, totals.bucket
)
select
  totals.window_start,
  case when totals.successes > 0 then 'critical' else 'high' end as severity,
  totals.principal || case when totals.successes > 0 then ' encrypted ' else ' tried to encrypt ' end
    || cast(case when totals.successes > 0 then totals.successes else totals.event_count end as varchar)
    || ' objects of the bucket ' || totals.bucket || ' with a key that only the caller has (SSE-C) within an hour'
    || case when totals.self_copies > 0 then ', ' || cast(totals.self_copies as varchar) || ' of them onto themselves' else '' end as summary,
  totals.account_id, totals.region, totals.bucket, totals.key, totals.principal, totals.source_ip, totals.user_agent,
  totals.first_event_at, totals.last_event_at, totals.event_count,
  totals.row_ids as evidence,
  cast(coalesce(known_uses.events, 0) as varchar) || ' requests with SSE-C of ' || cast(coalesce(uses.requests, 0) as varchar)
    || ' in ' || cast($baseline_days as varchar) || ' days' as expected,
  cast(totals.successes as varchar) || ' writes with SSE-C, ' || cast(totals.event_count - totals.successes as varchar) || ' refused' as observed,
  filter(array[
    case when known_uses.bucket is null then 'SSE-C in this bucket: UNSEEN' end,
    case when totals.self_copies > 0 then 'copies: ONTO THEMSELVES' end,
    case when totals.successes = 0 then 'answer: REFUSED' end
  ], factor -> factor is not null) as factors
from totals
left join uses
  on uses.window_start = totals.window_start
  and uses.bucket = totals.bucket
left join known_uses
  on known_uses.window_start = totals.window_start
  and known_uses.bucket = totals.bucket
where coalesce(known_uses.events, 0) < $known_share * greatest(1, coalesce(uses.requests, 0))
order by totals.window_start, totals.bucket, totals.principal
