/*---
id: kms-key-disabled-or-deletion-scheduled
version: 1
title: KMS key disabled or scheduled for deletion
severity: high
severity_rules:
  - critical when S3 used the key in the used_days before
  - medium when S3's use of keys has been seen for used_days and this key was not among them
family: protection
sources: [cloudtrail_management]
tactic: impact
mitre: [T1485, T1486]
window: hour
entity: [account_id, principal]
needs_learning: false
params:
  used_days:
    default: 30
    unit: days
    description: A key that S3 used in this many days before still protects objects.
description: >-
  DisableKey or ScheduleKeyDeletion. Objects that are encrypted with the key cannot be read from that moment on, and never
  again once the key is deleted (7 to 30 days later). Which buckets the key served is learned from the calls that S3 makes
  to KMS, which name the object or the bucket.
false_positives:
  - A key of a test; suppress it by principal with an entry that expires.
  - The end of an application whose bucket is gone; ask its owner before the waiting period ends.
known_gaps:
  - A trail that leaves out KMS events shows neither this call nor which buckets a key served.
  - A key that other services use (volumes, databases) may matter as much; only its use by S3 is known.
  - Keys whose material is imported can also be lost by deleting the material, which is not judged here.
next_steps:
  - "Stop it: aws kms cancel-key-deletion --key-id <key>, then aws kms enable-key --key-id <key>; the keys stand under observed."
  - "See which buckets the key served: select value as bucket, max(last_event_at) from sightings where dimension = 'kms-key-bucket' and entity = '<key>' group by value."
  - "See who it was and what else they did: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' and not read_only order by event_time desc limit 50."
  - If nobody owns the change, revoke the sessions of the principal and forbid kms:ScheduleKeyDeletion by organization policy.
references:
  - https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
  - https://attack.mitre.org/techniques/T1485/
---*/
with
calls as (
  select
    date_trunc('hour', event_time) as window_start,
    row_id, event_time, event_name, recipient_account_id as account_id, aws_region as region, principal,
    source_ip_address as source_ip, user_agent,
    coalesce(
      try(json_extract_scalar(resources, '$[0].ARN')),
      try(json_extract_scalar(request_parameters, '$.keyId')),
      'unknown') as kms_key
  from cloudtrail
  where event_time >= $from
    and event_time < $to
    and event_source = 'kms.amazonaws.com'
    and event_name in ('DisableKey', 'ScheduleKeyDeletion')
    and is_success
    and not is_aws_service
),
served as (
  select entity as kms_key, value as bucket, day, last_event_at
  from sightings
  where dimension = 'kms-key-bucket'
),
visibility as (
  select min(day) as since
  from served
),
uses as (
  select
    calls.row_id,
    max(served.bucket) as bucket,
    count(distinct served.bucket) as buckets
  from calls
  join served
    on served.kms_key = calls.kms_key
    or substr(served.kms_key, length(served.kms_key) - length(calls.kms_key)) = '/' || calls.kms_key
  where served.last_event_at >= calls.event_time - $used_days * interval '1' day
  group by calls.row_id
),
judged as (
  select
    calls.window_start, calls.row_id, calls.event_time, calls.event_name, calls.account_id, calls.region, calls.principal,
    calls.source_ip, calls.user_agent, calls.kms_key,
    uses.bucket,
    coalesce(uses.buckets, 0) as buckets,
    coalesce(visibility.since <= calls.event_time - $used_days * interval '1' day, false) as is_use_visible
  from calls
  cross join visibility
  left join uses on uses.row_id = calls.row_id
),
totals as (
  select
    window_start, account_id, principal,
    max(region) as region,
    max_by(bucket, row(buckets, event_time, row_id)) as bucket,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    count(distinct kms_key) as kms_keys,
    max_by(kms_key, row(buckets, event_time, row_id)) as kms_key,
    bool_or(event_name = 'ScheduleKeyDeletion') as is_deletion,
    max(buckets) as buckets,
    bool_and(is_use_visible) as is_use_visible
  from judged
  group by window_start, account_id, principal
)
select
  window_start,
  case when buckets > 0 then 'critical' when is_use_visible then 'medium' else 'high' end as severity,
  principal || case when is_deletion then ' scheduled the deletion of KMS key ' else ' disabled KMS key ' end || kms_key
    || case when kms_keys > 1 then ' and ' || cast(kms_keys - 1 as varchar) || ' more' else '' end
    || case
      when buckets > 1 then ', which served bucket ' || bucket || ' and ' || cast(buckets - 1 as varchar) || ' more'
      when buckets = 1 then ', which served bucket ' || bucket
      else ''
    end as summary,
  account_id, region, bucket, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  kms_key as observed,
  array[
    case when buckets > 0 then 'key: IN USE BY S3' when is_use_visible then 'key: UNUSED BY S3' else 'key: USE UNKNOWN' end,
    case when is_deletion then 'call: DELETION' else 'call: DISABLED' end
  ] as factors
from totals
order by window_start, account_id, principal
