/*---
id: default-encryption-foreign-key
version: 1
title: default encryption with a key of another account
severity: critical
severity_rules:
  - low when the key is given without an account and the caller's account, in which S3 looks it up, is not known
family: protection
sources: [cloudtrail_management]
tactic: impact
mitre: [T1486]
window: hour
entity: [bucket, principal]
needs_learning: false
params: {}
description: >-
  PutBucketEncryption with a KMS key of an account that is neither yours nor trusted. Every object that is stored from now
  on is encrypted with it, and whoever owns the key can lock the data away by disabling it. An id or alias without an
  account means a key in the account of the caller, so it counts only for callers of other accounts.
false_positives:
  - A central account for keys; add it under accounts.trusted.
  - Infrastructure as code that sets the same key again; quiet once the earlier value has been seen.
known_gaps:
  - Without accounts.own in the config, your accounts are those whose trails deliver here; list them when only some do.
  - Objects that name such a key themselves are foreign-kms-key-encryption.
next_steps:
  - "Put the default back at once: aws s3api put-bucket-encryption --bucket <bucket>; the earlier one stands under expected."
  - "List what was stored since: select event_time, key, principal from s3_events where bucket = '<bucket>' and action_class = 'write' order by event_time; copy these objects onto themselves with a key of yours while the foreign key still works."
  - "See who it was and what else they did: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' and not read_only order by event_time desc limit 50."
  - If nobody owns the change, revoke the sessions of the principal and treat it as ransomware.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html
  - https://attack.mitre.org/techniques/T1486/
---*/
with
sensitive_buckets as (
  select bucket from buckets where is_sensitive
  union
  select bucket from sensitive_prefixes
),
keyed as (
  select
    date_trunc('hour', event_time) as window_start,
    row_id, event_time, account_id, region, resource as bucket, principal, source_ip, user_agent, new_value, previous_value,
    json_extract_scalar(new_value, '$.kms_key') as kms_key,
    case
      when starts_with(json_extract_scalar(new_value, '$.kms_key'), 'arn:') then split_part(json_extract_scalar(new_value, '$.kms_key'), ':', 5)
      when starts_with(principal, 'account:') then substr(principal, 9)
      else split_part(principal, ':', 5)
    end as key_account
  from control_changes
  where event_time >= $from
    and event_time < $to
    and control = 'default-encryption'
    and json_extract_scalar(new_value, '$.kms_key') is not null
    and json_extract_scalar(new_value, '$.kms_key') is distinct from json_extract_scalar(previous_value, '$.kms_key')
),
foreign_keys as (
  select
    keyed.window_start, keyed.row_id, keyed.event_time, keyed.account_id, keyed.region, keyed.bucket, keyed.principal, keyed.source_ip,
    keyed.user_agent, keyed.new_value, keyed.previous_value, keyed.kms_key,
    regexp_like(keyed.key_account, '^[0-9]{12}$') as is_account_known,
    sensitive_buckets.bucket is not null as is_sensitive
  from keyed
  left join accounts on accounts.account_id = keyed.key_account
  left join sensitive_buckets on sensitive_buckets.bucket = keyed.bucket
  where accounts.account_id is null
    and keyed.key_account is distinct from keyed.account_id
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
    bool_or(is_account_known) as is_account_known,
    min_by(kms_key, row(event_time, row_id)) as kms_key,
    bool_or(is_sensitive) as is_sensitive
  from foreign_keys
  group by window_start, bucket, principal
)
select
  window_start,
  case when is_account_known then 'critical' else 'low' end as severity,
  principal || ' made bucket ' || bucket || ' encrypt with '
    || case when is_account_known then 'a key of another account: ' else 'a key of an unknown account: ' end || kms_key as summary,
  account_id, region, bucket, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  expected,
  observed,
  array[
    case when is_account_known then 'key: FOREIGN' else 'key: UNKNOWN' end,
    case when is_sensitive then 'bucket: SENSITIVE' end
  ] as factors
from totals
order by window_start, bucket, principal
