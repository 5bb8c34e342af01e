/*---
id: trail-tamper-denied
version: 1
title: refused attempt to weaken logging or protection
severity: medium
severity_rules:
  - high when the principal was refused min_kinds different calls of this kind in the hour
  - low when the call failed for another reason than missing permission
family: logging
sources: [cloudtrail_management]
tactic: defense-evasion
mitre: [T1562.008]
window: hour
entity: [account_id, principal]
needs_learning: false
params:
  min_kinds:
    default: 3
    unit: calls
    description: Different refused calls of one principal in an hour, from which on the severity is high.
description: >-
  A call that would have stopped a trail, narrowed its selectors, switched off access logging, versioning or Block Public
  Access, shortened a lifecycle, deleted a bucket policy or scheduled a key for deletion was refused. The guard rail held;
  who tries is worth knowing.
false_positives:
  - A deployment whose role lacks a permission; grant it or suppress the role with an entry that expires.
  - An organization policy that refuses StopLogging to everybody is tried by drills; suppress the drill's principal.
known_gaps:
  - The parameters of a refused call are often not logged, so a call that would have strengthened the setting counts as well.
  - Refusals by a VPC endpoint's policy are in no management event.
  - The rollups do not keep refused calls by name, so a habit of the principal is not learned.
next_steps:
  - "See who it was and what else they did: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' and not read_only order by event_time desc limit 50."
  - See what the principal was allowed to do in the same hour, and from where it came.
  - Ask the owner of the principal; if nobody knows, revoke its sessions before it finds a way.
references:
  - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
  - https://attack.mitre.org/techniques/T1562/008/
---*/
with
refused as (
  select
    date_trunc('hour', event_time) as window_start,
    row_id, event_time, event_name, error_code, recipient_account_id as account_id, aws_region as region, bucket, principal,
    source_ip_address as source_ip, user_agent,
    regexp_like(lower(coalesce(error_code, '')), 'accessdenied|unauthorized|forbidden') as is_denied
  from cloudtrail
  where event_time >= $from
    and event_time < $to
    and event_source in ('cloudtrail.amazonaws.com', 's3.amazonaws.com', 's3control.amazonaws.com', 'kms.amazonaws.com')
    and event_name in (
      'StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors', 'PutBucketLogging', 'PutBucketPublicAccessBlock',
      'DeleteBucketPublicAccessBlock', 'PutAccountPublicAccessBlock', 'DeleteAccountPublicAccessBlock', 'DeleteBucketPolicy',
      'PutBucketLifecycle', 'PutBucketLifecycleConfiguration', 'PutBucketVersioning', 'PutBucketObjectLockConfiguration',
      'DeleteBucketEncryption', 'DeleteBucketReplication', 'ScheduleKeyDeletion', 'DisableKey'
    )
    and not is_success
    and not is_aws_service
    and principal_kind <> 'anonymous'
    -- What a busy service or a concurrent change answers says nothing about the caller.
    and not regexp_like(lower(coalesce(error_code, '')), 'throttl|slowdown|serviceunavailable|internal|operationaborted|requestlimit')
),
totals as (
  select
    window_start, account_id, principal,
    max(region) as region,
    min_by(bucket, row(event_time, row_id)) as bucket,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    count(distinct event_name) as calls,
    count(distinct case when is_denied then event_name end) as denied_calls,
    min_by(event_name, row(event_time, row_id)) as event_name,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    array_agg(distinct event_name || ': ' || coalesce(error_code, 'refused') order by event_name || ': ' || coalesce(error_code, 'refused')) as refusals
  from refused
  group by window_start, account_id, principal
)
select
  window_start,
  case when denied_calls >= $min_kinds then 'high' when denied_calls > 0 then 'medium' else 'low' end as severity,
  principal || ' was refused ' || event_name
    || case when calls > 1 then ' and ' || cast(calls - 1 as varchar) || ' more calls of its kind' else '' end as summary,
  account_id, region, bucket, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  array_join(refusals, ', ') as observed,
  case when denied_calls > 0 then array['permission: DENIED'] else array['call: FAILED'] end as factors
from totals
order by window_start, account_id, principal
