-- All four settings of Block Public Access. What needed an ACL says so since 2023; before, an anonymous request was allowed
-- by either. Of signed requests that needed an ACL the logs do not say whether a public grant or one by name let them in.
create or replace temp view preview_judged as
select
  requests.*,
  coalesce(frame_reason, case
    when is_service_principal then 'aws-service'
    when action in ('PutBucketPolicy', 'PutAccessPointPolicy') then 'policy-set'
    when action in ('PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload', 'PutObjectAcl', 'PutBucketAcl')
      and (
        lower(json_extract_string(parameters, '$."x-amz-acl"')) in ('public-read', 'public-read-write', 'authenticated-read')
        or regexp_matches(request_uri, '[?&][xX]-[aA][mM][zZ]-[aA][cC][lL]=(public-read|public-read-write|authenticated-read)\b')
        or regexp_matches(parameters, 'acs[.]amazonaws[.]com/groups/global/(AllUsers|AuthenticatedUsers)')
      )
      then 'public-acl-set'
    when principal in ('anonymous', 'unauthenticated')
      and (vpc_endpoint_id is not null or addresses.kind = 'private') then 'anonymous-through-endpoint'
    when principal in ('anonymous', 'unauthenticated') and acl_required then 'anonymous-by-acl'
    when principal in ('anonymous', 'unauthenticated') and acl_required is null then 'anonymous'
    when principal in ('anonymous', 'unauthenticated') then 'anonymous-by-policy'
    when acl_required and not is_owner then 'signed-by-acl'
    when not has_trail and action in ('PutObjectAcl', 'PutBucketAcl') then 'acl-set-unseen'
    when not has_trail and action in ('PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload', 'CreateBucket')
      then 'acl-header-unseen'
    when is_owner or caller_account = owners.account_id then 'own-account'
    when kind_of_principal(principal) = 'cloudfront' then 'origin-access-identity'
    when caller_account is null and kind_of_principal(principal) <> 'canonical' then 'account-unknown'
    when owners.account_id is null and kind_of_principal(principal) <> 'canonical' then 'owner-unknown'
    else 'other-account'
  end) as reason
from preview_requests as requests
left join preview_bucket_owners as owners on owners.bucket = requests.bucket
left join preview_addresses as addresses on addresses.address = requests.source_ip;
