-- Denied: actions that access points serve, when s3:DataAccessPointAccount is not the account of the bucket.
create or replace temp view preview_judged as
select
  requests.*,
  coalesce(frame_reason, case
    when action_class not in ('read', 'write', 'delete', 'list')
      and action not in ('GetObjectAcl', 'PutObjectAcl', 'GetObjectTagging', 'GetObjectRetention', 'PutObjectRetention',
        'GetObjectLegalHold', 'PutObjectLegalHold') then 'not-for-access-points'
    when action in ('ListBuckets', 'CreateBucket') then 'not-for-access-points'
    when is_service_principal then 'aws-service'
    when is_via_service then 'via-service'
    when list_contains(getvariable('preview_break_glass'), principal) then 'break-glass'
    when coalesce(
        split_part(access_point_arn, ':', 5),
        nullif(regexp_extract(resources, 'arn:[a-z-]+:s3:[a-z0-9-]*:([0-9]{12}):accesspoint/', 1), '')
      ) <> owners.account_id then 'foreign-access-point'
    when access_point_arn is not null
      or contains(resources, ':accesspoint/')
      or contains(host_header, '.s3-accesspoint')
      or contains(host_header, '-s3alias.') then 'access-point'
    when operation like 'WEBSITE.%' then 'website-endpoint'
    when has_access_point_field then 'direct'
    else 'access-point-unseen'
  end) as reason
from preview_requests as requests
left join preview_bucket_owners as owners on owners.bucket = requests.bucket;
