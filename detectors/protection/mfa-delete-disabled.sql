/*---
id: mfa-delete-disabled
version: 1
title: MFA delete turned off
severity: high
severity_rules:
  - low when it is not known that it was on before
family: protection
sources: [cloudtrail_management]
tactic: impact
mitre: [T1490, T1562]
window: hour
entity: [bucket, principal]
needs_learning: false
params: {}
description: >-
  PutBucketVersioning with MfaDelete Disabled. Until then nobody could delete a version without the root user's second
  factor. A call that does not name MfaDelete leaves it as it is. Only the root user with that factor can turn it off, so
  the finding also says that somebody had both.
false_positives:
  - Terraform and some SDKs send MfaDelete Disabled on every call, also where it was never on; low at first, then known and quiet.
  - The teardown of a bucket; quiet when the same principal deletes the bucket within an hour.
known_gaps:
  - MFA delete that was switched on before CloudTrail was read is not known, so its end is low.
  - A teardown across the end of the window under test is not recognised.
next_steps:
  - "See where the root user came from: select event_time, event_name, source_ip_address, user_agent from cloudtrail where user_identity_type = 'Root' order by event_time desc limit 50."
  - "Put it back as root: aws s3api put-bucket-versioning --bucket <bucket> --versioning-configuration Status=Enabled,MFADelete=Enabled --mfa '<device> <code>'."
  - "List what was deleted since: select event_time, action, key, version_id, principal from s3_events where bucket = '<bucket>' and action_class = 'delete' order by event_time."
  - If nobody owns the change, secure the root user first.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html
  - https://attack.mitre.org/techniques/T1490/
---*/
with
sensitive_buckets as (
  select bucket from buckets where is_sensitive
  union
  select bucket from sensitive_prefixes
),
teardowns as (
  select bucket, principal, event_time
  from cloudtrail
  where event_name = 'DeleteBucket' and event_source = 's3.amazonaws.com' and is_success
),
turned_off as (
  select
    date_trunc('hour', changes.event_time) as window_start,
    changes.row_id, changes.event_time, changes.account_id, changes.region, changes.resource as bucket, changes.principal,
    changes.source_ip, changes.user_agent, changes.new_value, changes.previous_value,
    coalesce(changes.is_weaker, false) as was_on,
    sensitive_buckets.bucket is not null as is_sensitive
  from control_changes as changes
  left join sensitive_buckets on sensitive_buckets.bucket = changes.resource
  where changes.event_time >= $from
    and changes.event_time < $to
    and changes.control = 'mfa-delete'
    and changes.all_off
    and changes.is_weaker is distinct from false
    and not exists (
      select 1
      from teardowns
      where teardowns.bucket = changes.resource
        and teardowns.principal = changes.principal
        and teardowns.event_time >= changes.event_time
        and teardowns.event_time <= changes.event_time + interval '1' hour
    )
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
    min_by(previous_value, row(event_time, row_id)) as expected,
    max_by(new_value, row(event_time, row_id)) as observed,
    bool_or(was_on) as was_on,
    bool_or(is_sensitive) as is_sensitive
  from turned_off
  group by window_start, bucket, principal
)
select
  window_start,
  case when was_on then 'high' else 'low' end as severity,
  principal || ' turned off MFA delete of bucket ' || bucket as summary,
  account_id, region, bucket, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  expected,
  observed,
  array[
    case when was_on then 'before: ON' else 'before: UNKNOWN' end,
    case when is_sensitive then 'bucket: SENSITIVE' end
  ] as factors
from totals
order by window_start, bucket, principal
