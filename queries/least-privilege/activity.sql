-- What each principal did to one bucket, with keys folded into folders. In `folder` and `listed`, chr(1) stands for any text
-- and chr(2) for one character: nothing else in them is a pattern.
-- Variables: those of queries/preview/requests.sql, and least_privilege_bucket.

-- The folder of a key. Partitions such as dt=2026-03-10, dates, numbers and ids differ from request to request: their digits
-- become single characters, so that 2026/ is 20??/ and does not let logs/ in.
create or replace temp macro without_digits(text, digits) as
  case when regexp_matches(text, '^20[0-9]{2}') then '20' || regexp_replace(substr(text, 3), digits, chr(2), 'g')
    else regexp_replace(text, digits, chr(2), 'g') end;

create or replace temp macro folded_segment(segment) as
  case
    when regexp_matches(segment, '^[A-Za-z_][A-Za-z0-9_]*=.+$') then regexp_extract(segment, '^([^=]+=)', 1) || chr(1)
    -- An account.
    when regexp_matches(segment, '^[0-9]{12}$') then segment
    when regexp_matches(segment, '^[0-9TZ:._-]*[0-9][0-9TZ:._-]*$') then without_digits(segment, '[0-9]')
    when regexp_matches(segment, '^[0-9a-fA-F]*[0-9][0-9a-fA-F]*$') and length(segment) >= 8
      or regexp_matches(segment, '^[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}$') then regexp_replace(segment, '[0-9a-fA-F]', chr(2), 'g')
    else regexp_replace(segment, '[\x01\x02]', chr(2), 'g')
  end;

create or replace temp macro folder_of(key) as
  case
    -- A key without a folder stands for itself, but for its numbers.
    when not contains(key, '/') then regexp_replace(key, '[0-9\x01\x02]', chr(2), 'g')
    else array_to_string(list_transform(string_split(regexp_extract(key, '^(.*)/', 1, 's'), '/'), lambda s: folded_segment(s)), '/')
      || '/'
  end;

create or replace temp view least_privilege_requests as
select principal, action, key, event_time, dt, row_id, request_uri, parameters, version_id, has_trail, sse_applied
from preview_requests
where bucket = getvariable('least_privilege_bucket')
  and (frame_reason is null or frame_reason in ('part', 'bucket-created'))
  -- The keys of a batch delete carry the outcome of each; the request itself names none.
  and (frame_reason is distinct from 'part' or is_success)
union all
-- CloudTrail writes a copy down under its destination only; the access log has a line of the reading side.
select principal, 'GetObject', regexp_extract(source, '^/?[^/]+/([^?]*)', 1), event_time, dt, row_id, null, null,
  nullif(regexp_extract(source, '[?]versionId=(.*)$', 1), ''), true, null
from (
  select *, url_decode(json_extract_string(parameters, '$."x-amz-copy-source"')) as source
  from preview_trail
  where action in ('CopyObject', 'UploadPartCopy') and is_success
) as copies
where regexp_extract(source, '^/?([^/]+)/', 1) = getvariable('least_privilege_bucket')
  and not exists (
    select 1
    from preview_log as log
    where log.request_id = copies.request_id and log.operation in ('REST.COPY.OBJECT_GET', 'REST.COPY.PART_GET')
  );

create or replace temp table least_privilege_activity as
with
facts as (
  select
    *,
    coalesce(regexp_matches(request_uri, '[?&]versionId=[^& ]'), false)
      or json_extract_string(parameters, '$.versionId') is not null
      or (version_id is not null and action in ('DeleteObject', 'GetObject')) as has_version,
    coalesce(regexp_matches(parameters, '"x-amz-(acl|grant-[a-z-]+)"'), false)
      or coalesce(regexp_matches(request_uri, '[?&][xX]-[aA][mM][zZ]-[aA][cC][lL]='), false) as sets_acl,
    coalesce(regexp_matches(parameters, '"x-amz-tagging"'), false) as sets_tags,
    coalesce(regexp_matches(parameters, '"x-amz-object-lock-(mode|retain-until-date)"'), false) as sets_retention,
    coalesce(regexp_matches(parameters, '"x-amz-object-lock-legal-hold"'), false) as sets_legal_hold,
    coalesce(regexp_matches(parameters, '"x-amz-bypass-governance-retention"'), false) as bypasses_retention,
    coalesce(
      json_extract_string(parameters, '$.prefix'),
      url_decode(replace(nullif(regexp_extract(request_uri, '[?&]prefix=([^& ]*)', 1), ''), '+', ' '))
    ) as listed_prefix
  from least_privilege_requests
)
select
  principal,
  action,
  has_version, sets_acl, sets_tags, sets_retention, sets_legal_hold, bypasses_retention,
  case when key is not null and key <> '' then folder_of(key) end as folder,
  case when contains(listed_prefix, '/') then folder_of(listed_prefix)
    when listed_prefix <> '' then regexp_replace(listed_prefix, '[\x01\x02]', chr(2), 'g') end as listed,
  count(*) as requests,
  count(*) filter (where has_trail) as from_cloudtrail,
  list(distinct cast(dt as varchar)) as days,
  min(event_time) as first_at,
  max(event_time) as last_at,
  max_by(row_id, event_time) as sample,
  count(*) filter (where contains(sse_applied, 'KMS')) as kms_requests
from facts
group by all;

-- Every other request, to say what no policy can be made from.
create or replace temp table least_privilege_left_out as
select principal, frame_reason, count(*) as requests
from preview_requests
where bucket = getvariable('least_privilege_bucket')
group by all;

-- S3 calls KMS for the caller and names the object, or with a bucket key the bucket, in the encryption context.
create or replace temp table least_privilege_keys as
with
calls as (
  select
    principal, event_name as action, aws_region as region, event_time, dt,
    coalesce(
      list_filter(
        [json_extract_string(resources, '$[0].ARN'), json_extract_string(resources, '$[1].ARN'),
          json_extract_string(request_parameters, '$.keyId')],
        lambda arn: regexp_matches(arn, '^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$')
      )[1]
    ) as key_arn,
    json_extract_string(request_parameters, '$.encryptionContext."aws:s3:arn"') as object_arn
  from cloudtrail
  where event_source = 'kms.amazonaws.com'
    and event_name in ('Decrypt', 'Encrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncrypt', 'DescribeKey')
    and error_code is null
    and dt between cast(getvariable('preview_from') as date) and cast(getvariable('preview_to') as date)
    and event_time >= getvariable('preview_from')
    and event_time < getvariable('preview_to')
)
select principal, action, region, key_arn, count(*) as requests, list(distinct cast(dt as varchar)) as days,
  min(event_time) as first_at, max(event_time) as last_at
from calls
where key_arn is not null
  and split_part(regexp_replace(object_arn, '^arn:[a-z-]+:s3:::', ''), '/', 1) = getvariable('least_privilege_bucket')
group by principal, action, region, key_arn;
