-- Rollups of new lake files: one pass over the narrow columns, then names are worked out on the few groups.
-- The variables access_log_files and cloudtrail_files name the new files.

create or replace temp table access_log_groups as
select
  date_trunc('hour', event_time) as hour,
  requester,
  authentication_type is null as no_authentication,
  operation,
  bucket,
  remote_ip,
  key_raw is null as no_key,
  count(*) as requests,
  count(*) filter (where http_status >= 400) as errors,
  sum(coalesce(bytes_sent, 0)) as bytes_out,
  min(event_time) as first_event_at,
  max(event_time) as last_event_at
from read_parquet(getvariable('access_log_files'))
group by all;

create or replace temp table cloudtrail_groups as
select
  date_trunc('hour', event_time) as hour,
  user_identity_type,
  user_identity_arn,
  user_identity_account_id,
  user_identity_principal_id,
  user_identity_invoked_by,
  session_issuer_arn,
  event_name,
  bucket,
  source_ip_address,
  count(*) as requests,
  count(*) filter (where error_code is not null or error_message is not null) as errors,
  sum(coalesce(bytes_out, 0)) as bytes_out,
  sum(coalesce(bytes_in, 0)) as bytes_in,
  min(event_time) as first_event_at,
  max(event_time) as last_event_at
from read_parquet(getvariable('cloudtrail_files'))
where event_source in ('s3.amazonaws.com', 's3express.amazonaws.com', 's3-outposts.amazonaws.com', 's3-object-lambda.amazonaws.com')
group by all;

create or replace temp table event_groups as
select
  hour, source, principal, bucket, action_class, source_ip, requests, errors, bytes_out, bytes_in, is_anonymous, is_aws_service,
  coalesce(account_of_principal(principal), caller_account_id) as principal_account_id,
  first_event_at, last_event_at
from (
  select
    groups.hour,
    'access_log' as source,
    principal_of_requester(groups.requester, case when groups.no_authentication then null else '' end, groups.operation) as principal,
    cast(null as varchar) as caller_account_id,
    groups.bucket,
    class_of_operation(groups.operation, known.action_class) as action_class,
    groups.remote_ip as source_ip,
    groups.requests, groups.errors, groups.bytes_out, 0 as bytes_in,
    groups.requester is null and groups.no_authentication and not starts_with(groups.operation, 'S3.') as is_anonymous,
    coalesce(starts_with(groups.requester, 'svc:') or groups.requester = 'AmazonS3', false)
      or starts_with(groups.operation, 'S3.') as is_aws_service,
    groups.first_event_at, groups.last_event_at
  from access_log_groups as groups
  left join access_log_operations as known on known.operation = groups.operation
  union all
  select
    hour,
    'cloudtrail',
    principal_of_identity(user_identity_type, user_identity_arn, user_identity_account_id, user_identity_principal_id,
      user_identity_invoked_by, session_issuer_arn),
    case when regexp_matches(user_identity_account_id, '^[0-9]{12}$') then user_identity_account_id end,
    bucket,
    class_of_event(event_name),
    source_ip_address,
    requests, errors, bytes_out, bytes_in,
    user_identity_type in ('AWSAccount', 'Unknown') and lower(user_identity_account_id) in ('anonymous', 'anonymous_principal'),
    coalesce(user_identity_type = 'AWSService', false)
      or coalesce(ends_with(user_identity_invoked_by, '.amazonaws.com'), false)
      or coalesce(ends_with(source_ip_address, '.amazonaws.com'), false)
      or coalesce(starts_with(source_ip_address, 'AWS Internal'), false),
    first_event_at, last_event_at
  from cloudtrail_groups
);

create or replace temp view new_activity as
select
  hour, source, principal, principal_account_id, bucket, action_class,
  sum(requests)::bigint as requests, sum(errors)::bigint as errors, sum(bytes_out)::bigint as bytes_out,
  sum(bytes_in)::bigint as bytes_in, is_anonymous, is_aws_service
from event_groups
group by all;

-- Which networks each principal came from; anonymous callers and services have no habits worth remembering.
create or replace temp view new_sightings as
select
  cast(hour as date) as day, source, 'principal-network' as dimension, principal as entity, network_of(source_ip) as value,
  sum(requests)::bigint as events, min(first_event_at) as first_event_at, max(last_event_at) as last_event_at
from event_groups
where not is_anonymous and not is_aws_service and network_of(source_ip) is not null
group by all;
