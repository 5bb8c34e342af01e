/*---
title: Throttling by KMS
question: When did KMS slow S3 down, for which bucket and for whom?
group: encryption
parameters:
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns:
  hour: ~
  bucket: The bucket; null when KMS was not told.
  log: "kms for what KMS refused, s3 for what S3 answered its callers."
  principal: ~
  refusals: Number of refused requests.
  first_at: ~
  last_at: ~
---*/
with
refusals as (
  select
    'kms' as log, event_time, principal,
    nullif(regexp_extract(request_parameters, '"aws:s3:arn":"arn:[a-z-]+:s3:::([^/"]+)', 1), '') as bucket
  from cloudtrail
  where event_source = 'kms.amazonaws.com'
    and error_code in ('ThrottlingException', 'Throttling', 'KMS.ThrottlingException')
    and (strpos(request_parameters, '"aws:s3:arn"') > 0
      or coalesce(source_ip_address = 's3.amazonaws.com', false)
      or coalesce(user_identity_invoked_by = 's3.amazonaws.com', false))
    and dt between cast($from as date) and cast($to as date)
  union all
  select 's3', event_time, principal, bucket
  from s3_events
  where error_code is not null
    and regexp_like(error_code, '^(KMS[.])?(Kms)?Throttling(Exception)?$')
    and dt between cast($from as date) and cast($to as date)
)
select
  date_trunc('hour', event_time) as hour,
  bucket,
  log,
  principal,
  count(*) as refusals,
  min(event_time) as first_at,
  max(event_time) as last_at
from refusals
group by 1, 2, 3, 4
order by hour, bucket, log, principal;
