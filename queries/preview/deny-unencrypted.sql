-- Denied: s3:PutObject without the header x-amz-server-side-encryption. The parts of an upload follow the request that made it.
create or replace temp view preview_judged as
select
  requests.*,
  coalesce(frame_reason, case
    when action in ('UploadPart', 'UploadPartCopy', 'CompleteMultipartUpload') then 'part-of-upload'
    when action not in ('PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload') then 'no-new-object'
    when is_service_principal then 'aws-service'
    when regexp_matches(request_uri, '[?&][xX]-[aA][mM][zZ]-[sS]erver-[sS]ide-[eE]ncryption=') then 'header-sent'
    when not has_trail then 'header-unseen'
    when json_extract_string(parameters, '$."x-amz-server-side-encryption"') is not null then 'header-sent'
    when json_extract_string(parameters, '$."x-amz-server-side-encryption-customer-algorithm"') is not null
      or sse_applied = 'SSE_C' then 'customer-key'
    when sse_applied in ('SSE_S3', 'SSE_KMS', 'SSE_DSSE', 'SSE_DSSE_KMS') then 'header-sent'
    when parameters is null and sse_applied is null then 'header-unseen'
    when json_extract_string(parameters, '$.omitted') is not null and sse_applied is null then 'header-unseen'
    else 'no-header'
  end) as reason
from preview_requests as requests;
