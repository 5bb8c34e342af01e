/*---
id: object-acl-public
version: 1
title: objects made public by ACL
severity: medium
severity_rules:
  - high from min_objects objects in the hour on, or when the grant lets strangers change the ACL
  - one level higher when the bucket or the objects are listed as sensitive
  - one level lower while Block Public Access of the bucket or the account is known to ignore public ACLs
family: exposure
sources: [cloudtrail_data]
tactic: collection
mitre: [T1530]
window: hour
entity: [bucket, principal]
needs_learning: false
params:
  min_objects:
    default: 10
    unit: objects
    description: Different objects that were opened in the hour, from which on the severity is high.
description: >-
  Objects were stored, copied or changed with an ACL that grants the group AllUsers or AuthenticatedUsers: by a list of
  grants, by the canned ACLs public-read, public-read-write and authenticated-read, or by an x-amz-grant header. The
  objects are open while the bucket is private, so nothing about the bucket shows it.
false_positives:
  - An uploader of images or downloads; list the bucket under public_buckets, which silences grants that only read.
known_gaps:
  - Access logs show that the ACL of an object changed and not how, so without CloudTrail data events this is blind.
  - The first public object of a bucket weighs no more than a later one; the rollups do not keep ACLs.
  - Block Public Access is known only from changes that were seen; an account-wide setting made earlier does not lower the severity.
  - Grants to single foreign accounts are another matter and not judged here.
next_steps:
  - "List the objects: select event_time, event_name, key, request_parameters from cloudtrail where bucket = '<bucket>' and event_name in ('PutObjectAcl', 'PutObject', 'CopyObject', 'CreateMultipartUpload') and coalesce(session_issuer_arn, user_identity_arn) = '<principal>' order by event_time."
  - "See whether anybody came: select event_time, key, source_ip, status from s3_events where bucket = '<bucket>' and is_anonymous order by event_time desc."
  - "Close them all at once: aws s3api put-public-access-block with IgnorePublicAcls on, or set Object Ownership to BucketOwnerEnforced."
  - Ask the principal's owner; if nobody knows of it, revoke its sessions.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
  - https://attack.mitre.org/techniques/T1530/
---*/
with
grants as (
  select
    date_trunc('hour', granted.event_time) as window_start,
    granted.row_id, granted.event_time, granted.account_id, granted.region, granted.bucket, granted.key, granted.principal,
    granted.source_ip, granted.user_agent, granted.audience, granted.allows_write, granted.statement, granted.held_back_by,
    coalesce(buckets.is_sensitive, false) or has_prefix(granted.key, buckets.sensitive_prefixes) as is_sensitive
  from object_acl_grants as granted
  left join buckets on buckets.bucket = granted.bucket
  where granted.event_time >= $from
    and granted.event_time < $to
    and (granted.allows_write or granted.audience <> 'anonymous' or not coalesce(buckets.is_public, false))
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
    count(distinct key) as objects,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    min_by(statement, row(event_time, row_id)) as statement,
    min(audience) as audience,
    bool_or(allows_write) as allows_write,
    bool_or(is_sensitive) as is_sensitive,
    max(held_back_by) as held_back_by
  from grants
  group by window_start, bucket, principal
),
scored as (
  select
    window_start, bucket, principal, account_id, region, key, source_ip, user_agent, first_event_at, last_event_at, event_count,
    objects, row_ids, statement, audience, allows_write, is_sensitive, held_back_by,
    case when objects >= $min_objects or allows_write then 1 else 0 end
      + case when is_sensitive then 1 else 0 end
      - case when held_back_by is not null then 1 else 0 end as raised
  from totals
)
select
  window_start,
  case when raised >= 2 then 'critical' when raised = 1 then 'high' when raised = 0 then 'medium' else 'low' end as severity,
  principal || ' opened ' || case when objects = 1 then 'an object' else cast(objects as varchar) || ' objects' end
    || ' of bucket ' || bucket || ' to ' || case when audience = 'anonymous' then 'anybody' else 'every AWS customer' end
    || case when held_back_by is not null then ', which Block Public Access holds back for now' else '' end as summary,
  account_id, region, bucket, key, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  statement as observed,
  array[
    case when allows_write then 'grant: WRITE' else 'grant: READ' end,
    case when objects >= $min_objects then 'objects: MANY' end,
    case when is_sensitive then 'objects: SENSITIVE' end,
    case when held_back_by is not null then 'held back by: ' || held_back_by end
  ] as factors
from scored
order by window_start, bucket, principal
