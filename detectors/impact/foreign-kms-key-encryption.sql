/*---
id: foreign-kms-key-encryption
version: 1
title: objects encrypted with a key of another account
severity: critical
severity_rules:
  - high for fewer than min_objects objects
family: impact
sources: [cloudtrail_data]
tactic: impact
mitre: [T1486]
window: hour
entity: [bucket, principal]
needs_learning: false
params:
  min_objects:
    default: 5
    unit: objects
    description: Objects in an hour, by one principal in one bucket, from which on the severity is critical.
description: >-
  Objects were written to a bucket of yours under a KMS key of an account that is neither yours nor trusted. Its owner can take the key
  away at any time, and the objects with it. The key is the one that S3 says it used; if the answer does not say it, the one that was asked for.
  A default encryption that names a foreign key shows here with every write.
false_positives:
  - A central key account, or a partner that writes with its own key; add its account under accounts.own or accounts.trusted.
known_gaps:
  - Access logs do not show encryption, so only buckets with data events in CloudTrail are watched.
  - A key that is given by its bare id or alias, with an answer that was not logged, names no account.
  - Without accounts.own in the config, your accounts are those whose trails deliver here; list them when only some do.
next_steps:
  - "See which objects and which key: select event_time, event_name, key, response_elements, source_ip_address from cloudtrail where bucket = '<bucket>' and principal = '<principal>' and response_elements like '%aws-kms-key-id%' order by event_time."
  - Copy the objects to a key of yours while the foreign key still lets you read them; then restore versions where it does not.
  - Look whether the default encryption of the bucket was changed, and by whom (default-encryption-foreign-key).
  - Deny writes under other keys in the bucket policy (s3:x-amz-server-side-encryption-aws-kms-key-id), and revoke the principal's sessions.
references:
  - https://attack.mitre.org/techniques/T1486/
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
---*/
with
writes as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, coalesce(bucket_account_id, recipient_account_id) as account_id, aws_region as region, bucket, key, principal,
    source_ip_address as source_ip, user_agent, row_id,
    coalesce(
      nullif(regexp_extract(response_elements, '"x-amz-server-side-encryption-aws-kms-key-id":\[?"(arn:[a-z-]+:kms:[a-z0-9-]*:[0-9]{12}:[^"]*)"', 1), ''),
      nullif(regexp_extract(request_parameters, '"x-amz-server-side-encryption-aws-kms-key-id":\[?"(arn:[a-z-]+:kms:[a-z0-9-]*:[0-9]{12}:[^"]*)"', 1), '')
    ) as key_arn
  from cloudtrail
  where event_name in ('PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload', 'UpdateObjectEncryption')
    and is_success
    and bucket is not null
    and (sse_applied is null or strpos(sse_applied, 'KMS') > 0)
),
foreign_writes as (
  select
    writes.window_start, writes.event_time, writes.account_id, writes.region, writes.bucket, writes.key, writes.principal,
    writes.source_ip, writes.user_agent, writes.row_id, writes.key_arn, split_part(writes.key_arn, ':', 5) as key_account_id
  from writes
  cross join settings
  left join accounts on accounts.account_id = split_part(writes.key_arn, ':', 5)
  left join accounts as owners on owners.account_id = writes.account_id
  where writes.key_arn is not null
    and accounts.relation is null
    and settings.has_own_accounts
    -- CloudTrail also shows what your principals write to other owners' buckets.
    and coalesce(owners.relation, 'none') = 'own'
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
    count(distinct key_account_id) as key_accounts,
    min(key_account_id) as key_account_id,
    min(key_arn) as key_arn,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from foreign_writes
  group by window_start, bucket, principal
)
select
  window_start,
  case when event_count >= $min_objects then 'critical' else 'high' end as severity,
  principal || ' wrote ' || cast(event_count as varchar) || case when event_count = 1 then ' object' else ' objects' end
    || ' to the bucket ' || bucket || ' under a key of account ' || key_account_id
    || case when key_accounts > 1 then ' and others' else '' end as summary,
  account_id, region, bucket, key, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  key_arn as observed,
  array['key: UNTRUSTED'] as factors
from totals
order by window_start, bucket, principal
