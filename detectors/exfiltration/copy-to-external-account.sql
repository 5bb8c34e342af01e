/*---
id: copy-to-external-account
version: 1
title: objects copied into a bucket of another account
severity: high
severity_rules:
  - critical when the bucket or a prefix that was copied from is sensitive
family: exfiltration
sources: [access_log, cloudtrail_data]
tactic: exfiltration
mitre: [T1537]
window: hour
entity: [bucket, principal]
needs_learning: false
params:
  min_objects:
    default: 5
    unit: copies
    description: Copies in an hour, by one principal out of one bucket, from which on to alert; one is enough out of a sensitive bucket.
description: >-
  Objects of a bucket were copied by S3 itself (CopyObject, UploadPartCopy) into a bucket of an account that is neither
  yours nor trusted. Nothing of that passes the caller's network. CloudTrail shows whose the destination is. The access log of the
  source bucket shows only the reading half; there a copy counts when the caller belongs to an unknown account. The finding's bucket is the
  one that was copied from. Parts of one object count each.
false_positives:
  - A pipeline of a partner; add its account under accounts.trusted.
known_gaps:
  - With the access log alone, a copy by your own principal into a foreign bucket looks like one inside the account.
  - A copy whose source is named by an access point shows the access point's name in the place of the bucket.
  - A download followed by an upload is no copy; write-to-foreign-bucket and the volume detectors look at that.
  - Without accounts.own in the config, your accounts are those whose trails deliver here; list them when only some do.
next_steps:
  - "See what was copied and where to: select event_time, bucket, key, request_parameters, resources from cloudtrail where principal = '<principal>' and event_name in ('CopyObject', 'UploadPartCopy') order by event_time."
  - "See the reading half in the access log of the source: select event_time, key, bytes_out, source_ip from s3_events where bucket = '<bucket>' and principal = '<principal>' and operation like 'REST.COPY.%' order by event_time."
  - Ask AWS Support or your organization whose account it is; if nobody knows, revoke the principal's sessions now.
  - Add a policy that lets your principals write to buckets of the organization only (aws:ResourceOrgID).
references:
  - https://attack.mitre.org/techniques/T1537/
  - https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
---*/
with
trail_copies as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, recipient_account_id as account_id, aws_region as region, principal, source_ip_address as source_ip, user_agent,
    row_id, request_id, bucket as to_bucket, bucket_account_id as to_account_id,
    -- bucket/key, with or without a slash before it, encoded or not; or the ARN of an access point.
    replace(replace(regexp_extract(request_parameters, '"x-amz-copy-source":\[?"/?([^"]*)"', 1), '%2F', '/'), '%2f', '/') as copied
  from cloudtrail
  where event_name in ('CopyObject', 'UploadPartCopy')
    and is_success
    and not is_aws_service
    and principal_kind not in ('service', 'cloudfront')
    and regexp_like(bucket_account_id, '^[0-9]{12}$')
),
foreign_copies as (
  select
    trail_copies.window_start, trail_copies.event_time, trail_copies.account_id, trail_copies.region, trail_copies.principal,
    trail_copies.source_ip, trail_copies.user_agent, trail_copies.row_id, trail_copies.request_id, trail_copies.to_bucket,
    trail_copies.to_account_id,
    case
      when starts_with(trail_copies.copied, 'arn:') then regexp_extract(trail_copies.copied, '^arn:[^/]*[:/]([^/:]+)/object/', 1)
      else split_part(trail_copies.copied, '/', 1)
    end as bucket,
    case
      when starts_with(trail_copies.copied, 'arn:') then regexp_extract(trail_copies.copied, '/object/([^?]*)', 1)
      else regexp_extract(trail_copies.copied, '^[^/]*/([^?]*)', 1)
    end as key
  from trail_copies
  cross join settings
  left join accounts on accounts.account_id = trail_copies.to_account_id
  where settings.has_own_accounts
    and coalesce(accounts.relation, 'unknown') = 'unknown'
    and trail_copies.copied is not null
    and trail_copies.copied <> ''
    and split_part(trail_copies.copied, '/', 1) <> trail_copies.to_bucket
),
strange_copies as (
  select
    date_trunc('hour', events.event_time) as window_start,
    events.event_time, events.account_id, events.region, events.principal, events.source_ip, events.user_agent, events.row_id,
    events.request_id, events.bucket, events.key, events.principal_account_id
  from s3_events as events
  cross join settings
  left join accounts on accounts.account_id = events.principal_account_id
  where events.operation in ('REST.COPY.OBJECT_GET', 'REST.COPY.PART_GET')
    and events.is_success
    and not events.is_aws_service
    and settings.has_own_accounts
    and not coalesce(events.is_bucket_owner, false)
    and (events.principal_kind = 'canonical'
      or events.principal_account_id is not null and coalesce(accounts.relation, 'unknown') = 'unknown')
),
copies as (
  select
    foreign_copies.window_start, foreign_copies.event_time, foreign_copies.account_id, foreign_copies.region,
    foreign_copies.principal, foreign_copies.source_ip, foreign_copies.user_agent, foreign_copies.row_id, foreign_copies.bucket,
    foreign_copies.key, foreign_copies.to_bucket, foreign_copies.to_account_id
  from foreign_copies
  -- The other half of a copy that the source bucket's log shows as well.
  left join strange_copies
    on strange_copies.request_id = foreign_copies.request_id
    and strange_copies.bucket = foreign_copies.bucket
  where strange_copies.request_id is null
    and foreign_copies.bucket <> ''
  union all
  select
    window_start, event_time, account_id, region, principal, source_ip, user_agent, row_id, bucket, key, null,
    principal_account_id
  from strange_copies
),
sensitive_copies as (
  select distinct copies.row_id
  from copies
  left join buckets on buckets.bucket = copies.bucket
  left join sensitive_prefixes
    on sensitive_prefixes.bucket = copies.bucket
    and starts_with(copies.key, sensitive_prefixes.key_prefix)
  where coalesce(buckets.is_sensitive, false)
    or sensitive_prefixes.bucket is not null
),
totals as (
  select
    copies.window_start, copies.bucket, copies.principal,
    max(copies.account_id) as account_id,
    max(copies.region) as region,
    min_by(copies.key, row(copies.event_time, copies.row_id)) as key,
    min_by(copies.source_ip, row(copies.event_time, copies.row_id)) as source_ip,
    min_by(copies.user_agent, row(copies.event_time, copies.row_id)) as user_agent,
    min(copies.event_time) as first_event_at,
    max(copies.event_time) as last_event_at,
    count(*) as event_count,
    min(copies.to_account_id) as to_account_id,
    min(copies.to_bucket) as to_bucket,
    bool_or(sensitive_copies.row_id is not null) as is_sensitive,
    min_by(copies.row_id, row(copies.event_time, copies.row_id), 10) as row_ids
  from copies
  left join sensitive_copies on sensitive_copies.row_id = copies.row_id
  group by copies.window_start, copies.bucket, copies.principal
)
select
  window_start,
  case when is_sensitive then 'critical' else 'high' end as severity,
  principal || ' copied ' || cast(event_count as varchar) || case when event_count = 1 then ' object' else ' objects' end
    || ' of the bucket ' || bucket || ' to '
    || case when to_bucket is not null then 'the bucket ' || to_bucket || ' of ' else '' end
    || coalesce('account ' || to_account_id, 'an unknown account') as summary,
  account_id, region, bucket, key, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  coalesce('account ' || to_account_id, 'an unknown account') || coalesce(', bucket ' || to_bucket, '') as observed,
  filter(array[
    'destination: UNTRUSTED',
    case when is_sensitive then 'bucket: SENSITIVE' end
  ], factor -> factor is not null) as factors
from totals
where is_sensitive
  or event_count >= $min_objects
order by window_start, bucket, principal
