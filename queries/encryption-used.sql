/*---
title: Encryption of what is written
question: With which encryption and which key are objects written to each bucket?
group: encryption
note: Only CloudTrail says it.
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { bucket: ~, encryption: "SSE_S3, SSE_KMS, SSE_C and the like, with Default_ when the bucket decided; null when not stated.", kms_key: "ARN or id of the KMS key; null when there is none.", writes: ~, principals: ~, first_at: ~, last_at: ~ }
---*/
select
  bucket,
  sse_applied as encryption,
  coalesce(
    nullif(regexp_extract(response_elements, '"x-amz-server-side-encryption-aws-kms-key-id":\[?"([^"]*)"', 1), ''),
    nullif(regexp_extract(request_parameters, '"x-amz-server-side-encryption-aws-kms-key-id":\[?"([^"]*)"', 1), '')
  ) as kms_key,
  count(distinct coalesce(request_id, event_id)) as writes,
  count(distinct principal) as principals,
  min(event_time) as first_at,
  max(event_time) as last_at
from cloudtrail
where event_source = 's3.amazonaws.com'
  and event_name in ('PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload')
  and error_code is null and error_message is null
  and $bucket in ('', bucket)
  and dt between cast($from as date) and cast($to as date)
group by 1, 2, 3
order by bucket, writes desc, encryption, kms_key;
