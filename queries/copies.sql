/*---
title: Copies between buckets
question: Who copied objects from one bucket to another?
group: exposure
note: The access log shows a copy only when both buckets are logged; CloudTrail names the source where it saw the copy.
parameters:
  bucket: { description: "Only copies from or to this bucket; empty is all.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns:
  principal: ~
  from_bucket: The bucket of the source, or its access point.
  to_bucket: The bucket of the copy.
  copies: Number of copied objects or parts; a copy that both logs saw counts once.
  keys: Number of different keys of the copies.
  first_at: ~
  last_at: ~
---*/
with
from_trail as (
  select
    request_id,
    event_time,
    principal,
    split_part(replace(replace(regexp_extract(request_parameters, '"x-amz-copy-source":\[?"/?([^"]*)"', 1), '%2F', '/'), '%2f', '/'), '/', 1) as from_bucket,
    bucket as to_bucket,
    key
  from cloudtrail
  where event_name in ('CopyObject', 'UploadPartCopy')
    and error_code is null and error_message is null
    and dt between cast($from as date) and cast($to as date)
),
from_access_log as (
  select written.request_id, written.event_time, written.principal, source.bucket as from_bucket, written.bucket as to_bucket, written.key
  from s3_access_log as written
  join s3_access_log as source on source.request_id = written.request_id
  where regexp_extract(written.operation, '^(REST.COPY.OBJECT|REST.COPY.PART)$', 1) <> ''
    and regexp_extract(source.operation, '^(REST.COPY.OBJECT_GET|REST.COPY.PART_GET)$', 1) <> ''
    and written.http_status between 200 and 299
    and written.dt between cast($from as date) and cast($to as date)
),
copies as (
  select request_id, event_time, principal, from_bucket, to_bucket, key from from_trail
  union all
  select request_id, event_time, principal, from_bucket, to_bucket, key
  from from_access_log
  where not exists (select 1 from from_trail where from_trail.request_id = from_access_log.request_id)
)
select
  principal,
  from_bucket,
  to_bucket,
  count(distinct request_id) as copies,
  count(distinct key) as keys,
  min(event_time) as first_at,
  max(event_time) as last_at
from copies
where from_bucket <> to_bucket
  and $bucket in ('', from_bucket, to_bucket)
group by principal, from_bucket, to_bucket
order by copies desc, principal, from_bucket, to_bucket;
