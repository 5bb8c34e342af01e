/*---
id: multi-control-disabled
version: 1
title: several protections switched off together
severity: critical
severity_rules: []
family: protection
sources: [cloudtrail_management]
tactic: defense-evasion
mitre: [T1562, T1490]
window: hour
entity: [principal]
needs_learning: false
params:
  span_minutes:
    default: 90
    unit: minutes
    description: Time within which the changes must lie.
  min_kinds:
    default: 2
    unit: kinds
    description: Different protections of one bucket.
  min_changes:
    default: 3
    unit: changes
    description: Different pairs of protection and bucket, when no bucket lost several.
  max_days:
    default: 7
    unit: days
    description: A lifecycle rule that deletes objects younger than this counts as a protection lost.
description: >-
  Within a short time a bucket lost two or more of its protections, or one principal took away three or more from several
  buckets: access logging, versioning, MFA delete, Object Lock, Block Public Access, encryption with a KMS key, replication,
  the bucket policy, or the life of its objects. One of them has many reasons; several together are how data is prepared
  for theft or destruction. What was weak before is not counted again.
false_positives:
  - The teardown of buckets; quiet when the same principal deletes the bucket within an hour.
  - Infrastructure as code that takes over buckets with laxer settings; suppress its role for the day.
known_gaps:
  - A teardown across the end of the window under test is not recognised.
  - Changes of which the value before is unknown count only where "off" is bad by itself; Object Lock, MFA delete, replication, encryption and policy must have been seen before.
  - Several principals that weaken several buckets, one each, are not put together.
next_steps:
  - "See who it was and what else they did: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' and not read_only order by event_time desc limit 50."
  - Put the protections back in the order logging, versioning, lifecycle, Block Public Access; the single findings show the values before.
  - "See what followed: select event_time, action, key, principal, source_ip from s3_events where bucket = '<bucket>' and action_class in ('read', 'write', 'delete') order by event_time desc."
  - If nobody owns the changes, revoke the sessions of the principal now and ask questions later.
references:
  - https://attack.mitre.org/techniques/T1562/
  - https://attack.mitre.org/techniques/T1490/
---*/
with
teardowns as (
  select bucket, principal, event_time
  from cloudtrail
  where event_name = 'DeleteBucket' and event_source = 's3.amazonaws.com' and is_success
),
losses as (
  select
    case control
      when 'server-access-logging' then 'logging'
      when 'bucket-public-access-block' then 'block public access'
      when 'account-public-access-block' then 'block public access'
      when 'default-encryption' then 'encryption'
      when 'bucket-policy' then 'policy'
      when 'mfa-delete' then 'mfa delete'
      when 'object-lock' then 'object lock'
      else control
    end as kind,
    resource as bucket, row_id, event_time, account_id, region, principal, source_ip, user_agent
  from control_changes
  where control in ('server-access-logging', 'versioning') and all_off and is_weaker is distinct from false
    or control in ('bucket-public-access-block', 'account-public-access-block')
      and is_weaker is distinct from false and strpos(new_value, 'false') > 0
    or control in ('mfa-delete', 'object-lock', 'replication', 'default-encryption') and is_weaker
    or control = 'bucket-policy' and is_weaker
  union all
  select 'lifecycle', bucket, row_id, event_time, account_id, region, principal, source_ip, user_agent
  from expiry_rules
  where days < $max_days
    and kept_versions = 0
    and (previous_days is null or days < previous_days)
),
changes as (
  select distinct
    losses.kind, losses.bucket as resource, losses.row_id, losses.event_time, losses.account_id, losses.region, losses.principal,
    losses.source_ip, losses.user_agent
  from losses
  where not exists (
    select 1
    from teardowns
    where teardowns.bucket = losses.bucket
      and teardowns.principal = losses.principal
      and teardowns.event_time >= losses.event_time
      and teardowns.event_time <= losses.event_time + interval '1' hour
  )
),
-- Every change of the window with what came before it, itself among them.
together as (
  select
    latest.row_id as latest_row_id, latest.event_time as latest_time, latest.principal,
    earlier.kind, earlier.resource, earlier.row_id, earlier.event_time, earlier.account_id, earlier.region, earlier.source_ip,
    earlier.user_agent,
    earlier.resource = latest.resource as is_same_bucket,
    earlier.principal is not distinct from latest.principal as is_same_principal
  from changes as latest
  join changes as earlier
    on earlier.event_time <= latest.event_time
    and earlier.event_time >= latest.event_time - $span_minutes * interval '1' minute
    and (earlier.resource = latest.resource or earlier.principal = latest.principal)
  where latest.event_time >= $from
    and latest.event_time < $to
),
latest_changes as (
  select
    latest_row_id,
    count(distinct case when is_same_bucket then kind end) as kinds_of_bucket,
    count(distinct case when is_same_principal then kind || ' ' || resource end) as changes_of_principal
  from together
  group by latest_row_id
),
parts as (
  select distinct
    date_trunc('hour', together.latest_time) as window_start,
    together.principal, together.kind, together.resource, together.row_id, together.event_time, together.account_id, together.region,
    together.source_ip, together.user_agent
  from together
  join latest_changes on latest_changes.latest_row_id = together.latest_row_id
  where latest_changes.kinds_of_bucket >= $min_kinds and together.is_same_bucket
    or latest_changes.changes_of_principal >= $min_changes and together.is_same_principal
)
select
  window_start,
  principal || ' switched off ' || array_join(array_agg(distinct kind order by kind), ', ') || ' of '
    || case when count(distinct resource) = 1 then 'bucket ' || min(resource) else cast(count(distinct resource) as varchar) || ' buckets or accounts' end
    as summary,
  max(account_id) as account_id,
  max(region) as region,
  case when count(distinct resource) = 1 then min(resource) end as bucket,
  principal,
  min_by(source_ip, row(event_time, row_id)) as source_ip,
  min_by(user_agent, row(event_time, row_id)) as user_agent,
  min(event_time) as first_event_at,
  max(event_time) as last_event_at,
  count(distinct row_id) as event_count,
  slice(array_agg(distinct row_id order by row_id), 1, 10) as evidence,
  array_join(slice(array_agg(distinct resource || ': ' || kind order by resource || ': ' || kind), 1, 20), '; ') as observed,
  array[
    'protections: ' || cast(count(distinct kind) as varchar),
    'places: ' || cast(count(distinct resource) as varchar)
  ] as factors
from parts
group by window_start, principal
order by window_start, principal
