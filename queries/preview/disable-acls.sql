-- Object Ownership "bucket owner enforced": no ACL gives access any more, and requests that set one are answered with 400,
-- unless it is bucket-owner-full-control.
create or replace temp view preview_judged as
with
writes as (
  select
    *,
    action in ('PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload', 'PutObjectAcl', 'PutBucketAcl') as may_set_acl
  from preview_requests
),
headers as (
  select
    * exclude (may_set_acl),
    case when may_set_acl then lower(json_extract_string(parameters, '$."x-amz-acl"')) end as canned_acl,
    case when may_set_acl then lower(regexp_extract(request_uri, '[?&][xX]-[aA][mM][zZ]-[aA][cC][lL]=([^&[:space:]]+)', 1)) end as uri_acl,
    case when may_set_acl then regexp_matches(parameters, '"x-amz-grant-(read|write|read-acp|write-acp)"') end as has_grant,
    case when may_set_acl then regexp_matches(parameters, '"x-amz-grant-full-control"') end as has_full_grant
  from writes
)
select
  * exclude (canned_acl, uri_acl, has_grant, has_full_grant),
  coalesce(frame_reason, case
    when action in ('PutObjectAcl', 'PutBucketAcl') and canned_acl = 'bucket-owner-full-control' then 'owner-acl'
    when action in ('PutObjectAcl', 'PutBucketAcl') and has_trail and (canned_acl is not null or has_grant) then 'acl-set'
    when action in ('PutObjectAcl', 'PutBucketAcl') then 'acl-set-unseen'
    when acl_required and is_service_principal then 'service-by-acl'
    when acl_required then 'allowed-by-acl'
    when action not in ('PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload') then
      case
        when acl_required is null and not is_owner and not is_service_principal
          and action_class in ('read', 'list', 'write', 'delete') then 'acl-use-unseen'
        else 'no-acl'
      end
    when coalesce(canned_acl, nullif(uri_acl, '')) = 'bucket-owner-full-control' then 'owner-acl'
    when coalesce(canned_acl, nullif(uri_acl, '')) is not null or has_grant then 'acl-header'
    when has_full_grant then 'full-control-grant'
    when not has_trail or parameters is null or json_extract_string(parameters, '$.omitted') is not null then 'acl-header-unseen'
    when acl_required is null and not is_owner then 'acl-use-unseen'
    else 'no-acl'
  end) as reason
from headers;
