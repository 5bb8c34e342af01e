/*---
id: kms-throttling-burst
version: 1
title: KMS refuses S3 for too many requests
severity: low
severity_rules:
  - medium when a throttled principal read or wrote far more in the hour than in any hour of the baseline
family: impact
sources: [access_log, cloudtrail_data, cloudtrail_management]
tactic: impact
mitre: [T1499, T1486]
window: hour
entity: [account_id, region]
needs_learning: false
params:
  min_refusals:
    default: 10
    unit: requests
    description: Throttled requests within ten minutes in one account and Region, from which on to alert.
  min_ratio:
    default: 3
    unit: times the greatest hour
    description: How far a throttled principal's reads and writes must exceed its greatest hour for medium.
  min_requests:
    default: 100
    unit: requests
    description: Reads and writes in the hour from which on they are held against the history.
  baseline_days:
    default: 30
    unit: days
    description: History of the principal's reads and writes.
description: >-
  KMS answered with throttling while it worked for S3. Objects under KMS keys cannot be read or written while that lasts, and bulk
  encryption or bulk reading by an intruder is one cause. Throttled calls of KMS itself count when S3 made them (its encryption context names an
  object or a bucket, or S3 is the caller), and so do requests of S3 that failed with KMS's throttling error, which both logs show. The
  greater of the two counts, for one request can leave both. The access log does not know account and Region;
  without CloudTrail the finding has none.
false_positives:
  - A peak of a job over many small objects; bucket keys (S3 Bucket Keys) save it nearly all its calls of KMS.
known_gaps:
  - Throttling of other services that share the quota shows only in their effect on S3.
  - S3's own SlowDown answers are not KMS's and do not count.
next_steps:
  - "See who was throttled: select principal, bucket, error_code, count(*) from s3_events where error_code like 'KMS.%' or error_code like '%Throttling%' group by principal, bucket, error_code order by 4 desc."
  - "See who called KMS: select principal, event_name, count(*) from cloudtrail where event_source = 'kms.amazonaws.com' group by principal, event_name order by 3 desc."
  - Is somebody reading or encrypting in bulk? Look at the volume and overwrite detectors of the same hour.
  - If it is a job of yours, switch on S3 Bucket Keys or ask for a greater quota.
references:
  - https://docs.aws.amazon.com/kms/latest/developerguide/throttling.html
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
---*/
with
kms_refusals as (
  select
    'kms' as log, event_time, recipient_account_id as account_id, aws_region as region,
    regexp_extract(request_parameters, '"aws:s3:arn":"arn:[a-z-]+:s3:::([^/"]+)', 1) as bucket,
    principal, cast(null as varchar) as source_ip, row_id
  from cloudtrail
  where event_source = 'kms.amazonaws.com'
    and error_code in ('ThrottlingException', 'Throttling', 'KMS.ThrottlingException')
    and (strpos(request_parameters, '"aws:s3:arn"') > 0
      or coalesce(source_ip_address = 's3.amazonaws.com', false)
      or coalesce(user_identity_invoked_by = 's3.amazonaws.com', false))
),
s3_refusals as (
  select 's3' as log, event_time, account_id, region, bucket, principal, source_ip, row_id
  from s3_events
  where error_code is not null
    and regexp_like(error_code, '^(KMS[.])?(Kms)?Throttling(Exception)?$')
),
refusals as (
  select
    date_trunc('hour', event_time) as window_start,
    log, event_time, account_id, region, bucket, principal, source_ip, row_id,
    count(*) over (
      partition by log, account_id, region
      order by event_time
      range between interval '10' minute preceding and current row
    ) as pace
  from (
    select log, event_time, account_id, region, nullif(bucket, '') as bucket, principal, source_ip, row_id from kms_refusals
    union all
    select log, event_time, account_id, region, bucket, principal, source_ip, row_id from s3_refusals
  ) as both_logs
),
bursts as (
  select
    window_start, account_id, region,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    greatest(sum(case when log = 'kms' then 1 else 0 end), sum(case when log = 's3' then 1 else 0 end)) as event_count,
    max(pace) as pace,
    min_by(bucket, row(event_time, row_id)) as bucket,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from refusals
  group by window_start, account_id, region
  having max(pace) >= $min_refusals
),
throttled as (
  select bursts.window_start, bursts.account_id, bursts.region, refusals.principal, count(*) as refusals
  from bursts
  join refusals
    on refusals.window_start = bursts.window_start
    and refusals.account_id is not distinct from bursts.account_id
    and refusals.region is not distinct from bursts.region
  group by bursts.window_start, bursts.account_id, bursts.region, refusals.principal
),
-- An access-log row and its CloudTrail twin are both in the rollup: the greater of the two, never their sum.
work as (
  select
    tested.window_start, tested.principal, hours.hour, sum(hours.requests) as requests
  from (select distinct window_start, principal from throttled) as tested
  join (
    select principal, bucket, hour, action_class, max(requests) as requests
    from activity
    where action_class in ('read', 'write')
      and principal in (select principal from throttled)
    group by principal, bucket, hour, action_class
  ) as hours
    on hours.principal = tested.principal
    and hours.hour <= tested.window_start
    and hours.hour >= tested.window_start - $baseline_days * interval '1' day
  group by tested.window_start, tested.principal, hours.hour
),
bulk as (
  select
    window_start, principal,
    max(case when hour = window_start then requests else 0 end) as requests,
    max(case when hour < window_start then requests else 0 end) as greatest_hour
  from work
  group by window_start, principal
),
causes as (
  select
    throttled.window_start, throttled.account_id, throttled.region,
    count(distinct throttled.principal) as principals,
    max_by(throttled.principal, row(throttled.refusals, throttled.principal)) as principal,
    bool_or(coalesce(bulk.requests >= $min_requests and bulk.requests >= $min_ratio * bulk.greatest_hour, false)) as is_bulk,
    max_by(bulk.principal, row(bulk.requests >= $min_requests and bulk.requests >= $min_ratio * bulk.greatest_hour, bulk.requests)) as bulk_principal
  from throttled
  left join bulk
    on bulk.window_start = throttled.window_start
    and bulk.principal = throttled.principal
  group by throttled.window_start, throttled.account_id, throttled.region
)
select
  bursts.window_start,
  case when causes.is_bulk then 'medium' else 'low' end as severity,
  'KMS throttled ' || cast(bursts.event_count as varchar) || ' requests of S3 within an hour, for '
    || cast(causes.principals as varchar) || case when causes.principals = 1 then ' principal' else ' principals' end
    || case
      when causes.is_bulk then '; ' || causes.bulk_principal || ' read and wrote far more than in any hour before'
      else ', mostly ' || causes.principal
    end as summary,
  bursts.account_id, bursts.region, bursts.bucket,
  case when causes.is_bulk then causes.bulk_principal else causes.principal end as principal,
  bursts.source_ip, bursts.first_event_at, bursts.last_event_at, bursts.event_count,
  bursts.row_ids as evidence,
  cast(bursts.pace as varchar) || ' refusals within ten minutes' as observed,
  filter(array[
    'KMS: THROTTLED',
    case when causes.is_bulk then 'volume: RARE' end
  ], factor -> factor is not null) as factors
from bursts
join causes
  on causes.window_start = bursts.window_start
  and causes.account_id is not distinct from bursts.account_id
  and causes.region is not distinct from bursts.region
order by bursts.window_start, bursts.account_id, bursts.region
