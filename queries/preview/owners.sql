-- Who owns a bucket and where it is, as far as CloudTrail says. The one account of the config owns the rest.
-- Variable: preview_own_accounts (list).
create or replace temp table preview_bucket_owners as
with
told as (
  select
    bucket,
    -- A change of a bucket is delivered to its owner; a data event also to the account of the caller.
    mode(coalesce(bucket_account_id, case when management_event then recipient_account_id end)) as account_id,
    mode(aws_region) as region
  from cloudtrail
  where is_s3_source(event_source) and bucket is not null
  group by bucket
),
named as (
  select bucket from told
  union
  select bucket from s3_access_log where bucket is not null
)
select
  named.bucket,
  coalesce(told.account_id,
    case when len(getvariable('preview_own_accounts')) = 1 then getvariable('preview_own_accounts')[1] end) as account_id,
  told.region
from named
left join told on told.bucket = named.bucket;
