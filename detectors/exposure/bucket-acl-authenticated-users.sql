/*---
id: bucket-acl-authenticated-users
version: 1
title: bucket ACL grants every AWS customer
severity: high
severity_rules:
  - critical when the grant is WRITE, WRITE_ACP or FULL_CONTROL
  - one level lower while Block Public Access of the bucket or the account is known to ignore public ACLs
  - one level higher when the bucket or a prefix of it is listed as sensitive
family: exposure
sources: [cloudtrail_management]
tactic: collection
mitre: [T1530, T1098]
window: hour
entity: [bucket, principal]
needs_learning: false
params: {}
description: >-
  The ACL of a bucket was set, or a bucket was created with one, that grants the group AuthenticatedUsers: by a list of
  grants, by the canned ACL authenticated-read, or by an x-amz-grant header. The name misleads: the group is everybody
  with any AWS account, not the users of yours.
false_positives:
  - Next to none; the group is hardly ever meant, so public_buckets does not silence it.
known_gaps:
  - Block Public Access is known only from changes that were seen; an account-wide setting made earlier does not lower the severity.
  - ACLs that Object Ownership switches off have no effect, which the call does not show; such calls are refused today.
  - ACLs of objects are object-acl-public; grants to the whole internet are bucket-acl-public-anonymous.
next_steps:
  - "Read the ACL: select event_time, event_name, request_parameters from cloudtrail where event_name in ('PutBucketAcl', 'CreateBucket') and bucket = '<bucket>' order by event_time desc limit 2."
  - "See who came from outside: select event_time, action, key, principal, source_ip, status from s3_events where bucket = '<bucket>' and principal_account_id is distinct from '<account_id>' order by event_time desc."
  - "Close it: aws s3api put-bucket-acl --bucket <bucket> --acl private, and set Object Ownership to BucketOwnerEnforced."
  - Ask the principal's owner; if nobody knows of it, revoke its sessions.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
  - https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-s3.html
  - https://attack.mitre.org/techniques/T1530/
---*/
with
sensitive_buckets as (
  select bucket from buckets where is_sensitive
  union
  select bucket from sensitive_prefixes
),
grants as (
  select
    date_trunc('hour', granted.event_time) as window_start,
    granted.row_id, granted.event_time, granted.account_id, granted.region, granted.bucket, granted.principal, granted.source_ip,
    granted.user_agent, granted.statement, granted.allows_write, granted.held_back_by,
    sensitive_buckets.bucket is not null as is_sensitive
  from policy_grants as granted
  left join sensitive_buckets on sensitive_buckets.bucket = granted.bucket
  where granted.event_time >= $from
    and granted.event_time < $to
    and granted.via = 'acl'
    and granted.audience = 'authenticated'
),
calls as (
  select
    window_start, row_id, event_time, account_id, region, bucket, principal, source_ip, user_agent, is_sensitive, held_back_by,
    bool_or(allows_write) as allows_write,
    min(statement) as statement
  from grants
  group by
    window_start, row_id, event_time, account_id, region, bucket, principal, source_ip, user_agent, is_sensitive, held_back_by
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
    max_by(statement, row(event_time, row_id)) as statement,
    bool_or(allows_write) as allows_write,
    bool_and(held_back_by is not null) as is_held_back,
    max(held_back_by) as held_back_by,
    max(case when allows_write then 1 else 0 end + case when is_sensitive then 1 else 0 end
      - case when held_back_by is not null then 1 else 0 end) as raised,
    bool_or(is_sensitive) as is_sensitive
  from calls
  group by window_start, bucket, principal
)
select
  window_start,
  case when raised >= 1 then 'critical' when raised = 0 then 'high' else 'medium' end as severity,
  principal || ' let every AWS customer ' || case when allows_write then 'change' else 'read' end || ' bucket ' || bucket
    || ' by its ACL' || case when is_held_back then ', which Block Public Access holds back for now' else '' end as summary,
  account_id, region, bucket, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  statement as observed,
  array[
    case when allows_write then 'grant: WRITE' else 'grant: READ' end,
    case when is_sensitive then 'bucket: SENSITIVE' end,
    case when is_held_back then 'held back by: ' || held_back_by end
  ] as factors
from totals
order by window_start, bucket, principal
