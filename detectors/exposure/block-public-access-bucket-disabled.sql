/*---
id: block-public-access-bucket-disabled
version: 1
title: Block Public Access weakened on a bucket
severity: medium
severity_rules:
  - high when all four switches are off afterwards, or the configuration was deleted
  - one level higher when the bucket or a prefix of it is listed as sensitive
family: exposure
sources: [cloudtrail_management]
tactic: defense-evasion
mitre: [T1562.007, T1530]
window: hour
entity: [bucket, principal]
needs_learning: false
params:
  grace_minutes:
    default: 10
    unit: minutes
    description: How long after the creation of a bucket infrastructure as code may set its switches without an alert.
description: >-
  Someone deleted a bucket's Block Public Access configuration, or put one in which some of the four switches
  (BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets) are off or missing. It is the last guard
  between a mistaken or malicious ACL or policy and the internet. When the switches before are known, only a change that
  turns one off counts.
false_positives:
  - A static site or a public data set; list it under public_buckets.
  - Infrastructure as code that sets up a new bucket; quiet for grace_minutes after CreateBucket.
  - Infrastructure as code that re-applies what was already so; quiet once the earlier value has been seen.
  - The teardown of a bucket; quiet when the same principal deletes the bucket within an hour.
known_gaps:
  - A teardown across the end of the window under test (midnight UTC in scheduled runs) is not recognised.
  - The user agent tells infrastructure as code, and a caller can forge it; only new buckets are spared for it.
  - A call whose parameters were too large to be logged says nothing about the switches.
  - Access logs show that the configuration changed and not how, so without CloudTrail management events this is blind.
  - The first call that is seen for a bucket has no earlier value; it counts whenever a switch is off.
next_steps:
  - "See who it was and what else they did: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' order by event_time desc limit 50."
  - Look for a PutBucketPolicy, PutBucketAcl or PutObjectAcl on the bucket shortly afterwards, and for anonymous requests to it.
  - "Put it back: aws s3api put-public-access-block --bucket <bucket> --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true."
  - If nobody owns the change, revoke the sessions of the principal and switch on Block Public Access for the account.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
  - https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-s3.html
  - https://attack.mitre.org/techniques/T1562/007/
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
weakened as (
  select
    date_trunc('hour', changes.event_time) as window_start,
    changes.row_id, changes.event_time, changes.event_name, changes.account_id, changes.region, changes.resource as bucket,
    changes.principal, changes.source_ip, changes.user_agent, changes.new_value, changes.previous_value, changes.all_off,
    sensitive_buckets.bucket is not null as is_sensitive
  from control_changes as changes
  left join buckets on buckets.bucket = changes.resource
  left join sensitive_buckets on sensitive_buckets.bucket = changes.resource
  where changes.event_time >= $from
    and changes.event_time < $to
    and changes.control = 'bucket-public-access-block'
    and changes.is_weaker is distinct from false
    and strpos(changes.new_value, 'false') > 0
    and not coalesce(buckets.is_public, false)
    and not coalesce(
      regexp_like(lower(changes.user_agent), 'terraform|opentofu|pulumi|cloudformation|ansible')
        and changes.event_time >= buckets.created_at
        and changes.event_time <= buckets.created_at + $grace_minutes * interval '1' minute, false)
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
    bool_or(all_off) as all_off,
    bool_or(starts_with(event_name, 'Delete')) as is_deleted,
    bool_or(is_sensitive) as is_sensitive
  from weakened
  group by window_start, bucket, principal
)
select
  window_start,
  case
    when all_off and is_sensitive then 'critical'
    when all_off or is_sensitive then 'high'
    else 'medium'
  end as severity,
  principal || case when is_deleted then ' deleted' when all_off then ' switched off' else ' weakened' end
    || ' Block Public Access of bucket ' || bucket as summary,
  account_id, region, bucket, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  expected,
  observed,
  array[
    case when all_off then 'switches: ALL OFF' else 'switches: SOME OFF' end,
    case when is_sensitive then 'bucket: SENSITIVE' end
  ] as factors
from totals
order by window_start, bucket, principal
