-- With the key as the bucket's default: denied is an upload that asks for another encryption, another key, aws:kms without a
-- key (which means aws/s3), or brings a key of its own (SSE-C). Variables: preview_kms_key (ARN) and preview_kms_key_id.
create or replace temp view preview_judged as
with
uploads as (
  select
    *,
    case when action in ('PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload') then parameters end as headers
  from preview_requests
),
headers as (
  select
    * exclude (headers),
    json_extract_string(headers, '$."x-amz-server-side-encryption"') as sse,
    json_extract_string(headers, '$."x-amz-server-side-encryption-aws-kms-key-id"') as kms_key,
    json_extract_string(headers, '$."x-amz-server-side-encryption-customer-algorithm"') as customer_algorithm
  from uploads
)
select
  * exclude (sse, kms_key, customer_algorithm),
  coalesce(frame_reason, case
    when action in ('UploadPart', 'UploadPartCopy', 'CompleteMultipartUpload') then 'part-of-upload'
    when action not in ('PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload') then 'no-new-object'
    when is_service_principal then 'aws-service'
    when not has_trail then 'header-unseen'
    when customer_algorithm is not null or sse_applied = 'SSE_C' then 'customer-key'
    when sse is null and applied_key = getvariable('preview_kms_key') then 'right-key'
    when sse is null and sse_applied in ('SSE_S3', 'SSE_DSSE', 'SSE_DSSE_KMS') then 'other-encryption'
    when sse is null and sse_applied = 'SSE_KMS' then 'header-unseen'
    when sse is null and (parameters is null or json_extract_string(parameters, '$.omitted') is not null)
      and sse_applied is null then 'header-unseen'
    when sse is null then 'needs-key-permission'
    when sse <> 'aws:kms' then 'other-encryption'
    when kms_key is null then 'kms-without-key'
    when kms_key = getvariable('preview_kms_key') then 'right-key'
    when kms_key = getvariable('preview_kms_key_id') then 'key-by-id'
    when contains(kms_key, 'alias/') then 'key-by-alias'
    else 'other-key'
  end) as reason
from headers;
