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
-- Who is foreign is told from the rollup: judging each of the rows takes many times as long.
strangers as (
  select distinct
    activity_rows.bucket,
    activity_rows.principal,
    activity_rows.principal_account_id,
    coalesce(owners.account_id, nullif($account, '')) as bucket_account_id
  from activity_rows
  left join owners on owners.bucket = activity_rows.bucket
  where not activity_rows.is_aws_service
    and activity_rows.principal_kind not in ('anonymous', 'unauthenticated', 'cloudfront', 'service')
    and (activity_rows.principal_kind = 'canonical'
      or activity_rows.principal_account_id <> coalesce(owners.account_id, nullif($account, '')))
)
select
  strangers.bucket,
  strangers.bucket_account_id,
  strangers.principal,
  strangers.principal_account_id,
  count(*) as requests,
  count(*) filter (where not events.is_success) as failed,
  count(*) filter (where events.action_class = 'read') as reads,
  count(*) filter (where events.action_class = 'write') as writes,
  count(*) filter (where events.action_class = 'delete') as deletes,
  cast(coalesce(sum(events.bytes_out), 0) as bigint) as bytes_out,
  min(events.event_time) as first_at,
  max(events.event_time) as last_at
from s3_events as events
join strangers on strangers.bucket = events.bucket and strangers.principal = events.principal
where not events.is_aws_service
  and not events.is_bucket_owner
  and events.dt between cast($from as date) and cast($to as date)
group by strangers.bucket, strangers.bucket_account_id, strangers.principal, strangers.principal_account_id
order by bytes_out desc, strangers.bucket, strangers.principal;
