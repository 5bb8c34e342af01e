/*---
title: Access from other accounts
question: Which callers of other accounts use our buckets?
group: exposure
note: CloudTrail says whose a bucket is; where it saw nothing of it, name the account. A canonical id that is not the owner's counts as foreign.
parameters:
  account: { description: "Account of the buckets of which CloudTrail does not say it; empty leaves them out.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns:
  bucket: ~
  bucket_account_id: Account that the bucket belongs to.
  principal: ~
  principal_account_id: ~
  requests: ~
  failed: ~
  reads: ~
  writes: ~
  deletes: ~
  bytes_out: ~
  first_at: ~
  last_at: ~
---*/
with
owners as (
  select bucket, max(bucket_account_id) as account_id
  from cloudtrail
  where bucket is not null
  group by bucket
),
callers as (
  select
    bucket,
    principal,
    principal_kind,
    principal_account_id,
    count(*) as requests,
    count(*) filter (where not is_success) as failed,
    count(*) filter (where action_class = 'read') as reads,
    count(*) filter (where action_class = 'write') as writes,
    count(*) filter (where action_class = 'delete') as deletes,
    cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
    min(event_time) as first_at,
    max(event_time) as last_at
  from s3_events
  where bucket is not null
    and not is_aws_service
    and not is_bucket_owner
    and principal_kind not in ('anonymous', 'unauthenticated', 'cloudfront', 'service')
    and dt between cast($from as date) and cast($to as date)
  group by bucket, principal, principal_kind, principal_account_id
)
select
  callers.bucket,
  coalesce(owners.account_id, nullif($account, '')) as bucket_account_id,
  callers.principal,
  callers.principal_account_id,
  callers.requests,
  callers.failed,
  callers.reads,
  callers.writes,
  callers.deletes,
  callers.bytes_out,
  callers.first_at,
  callers.last_at
from callers
left join owners on owners.bucket = callers.bucket
where callers.principal_kind = 'canonical'
  or callers.principal_account_id <> coalesce(owners.account_id, nullif($account, ''))
order by callers.bytes_out desc, callers.bucket, callers.principal;
