/*---
title: Signature versions
question: Who still signs with version 2, and how is it sent?
group: channel
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
columns:
  signature_version: "SigV2, SigV4 or SigV4A; null when unsigned."
  authentication_type: "AuthHeader, QueryString (presigned) or HtmlForm; null when unsigned."
  bucket: ~
  principal: ~
  requests: ~
  first_at: ~
  last_at: ~
---*/
with
requests as (
  select signature_version, authentication_type, bucket, principal, event_time
  from s3_access_log
  where operation not like 'S3.%' and $bucket in ('', bucket)
  union all
  select signature_version, authentication_method, bucket, principal, event_time
  from cloudtrail
  where event_source = 's3.amazonaws.com'
    and event_category = 'Data'
    and $bucket in ('', bucket)
    and not exists (select 1 from s3_access_log where s3_access_log.request_id = cloudtrail.request_id)
)
select
  signature_version,
  authentication_type,
  bucket,
  principal,
  count(*) as requests,
  min(event_time) as first_at,
  max(event_time) as last_at
from requests
where bucket is not null and not starts_with(principal, 'service:')
group by signature_version, authentication_type, bucket, principal
order by signature_version, authentication_type, requests desc, bucket, principal;
