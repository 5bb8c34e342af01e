-- Rollups of new lake files, rows that add up. Each grouping reads few columns, nearly all of few distinct values, which Parquet keeps
-- in dictionaries: DuckDB groups them fast, and asks what an operation is once for each value. What reads several columns waits
-- for the groups.
-- The variables access_log_files and cloudtrail_files name the new files.

create or replace temp table access_log_groups as
select
  date_trunc('hour', event_time) as hour, principal, bucket, class_of_operation(operation) as action_class,
  starts_with(operation, 'S3.') as is_of_s3,
  count(*) as requests,
  count(*) filter (where http_status >= 400) as errors,
  sum(bytes_sent) as bytes_out
from read_parquet(getvariable('access_log_files'))
group by all;

create or replace temp table cloudtrail_groups as
select
  date_trunc('hour', event_time) as hour, principal, user_identity_account_id, bucket, class_of_event(event_name) as action_class,
  is_service_identity(user_identity_type, user_identity_invoked_by, source_ip_address) as is_aws_service,
  count(*) as requests,
  count(*) filter (where error_code is not null or error_message is not null) as errors,
  sum(bytes_out) as bytes_out,
  sum(bytes_in) as bytes_in
from read_parquet(getvariable('cloudtrail_files'))
where is_s3_source(event_source)
group by all;

create or replace temp view new_activity as
select
  hour, 'access_log' as source, principal, account_of_principal(principal) as principal_account_id, bucket, action_class,
  requests, errors, coalesce(bytes_out, 0)::bigint as bytes_out, 0::bigint as bytes_in,
  principal = 'anonymous' as is_anonymous,
  starts_with(principal, 'service:') or is_of_s3 as is_aws_service
from access_log_groups
union all
select
  hour, 'cloudtrail', principal,
  coalesce(account_of_principal(principal),
    account_id_in(user_identity_account_id, '^([0-9]{12})$')),
  bucket, action_class, requests, errors, coalesce(bytes_out, 0)::bigint, coalesce(bytes_in, 0)::bigint,
  principal = 'anonymous', is_aws_service
from cloudtrail_groups;

-- Which networks each principal came from; anonymous callers and services have no habits worth remembering.
create or replace temp view new_sightings as
select
  cast(day as date) as day, source, 'principal-network' as dimension, principal as entity, source_network as value,
  sum(events)::bigint as events, min(first_event_at) as first_event_at, max(last_event_at) as last_event_at
from (
  select date_trunc('day', event_time) as day, 'access_log' as source, principal, source_network, count(*) as events,
    min(event_time) as first_event_at, max(event_time) as last_event_at
  from read_parquet(getvariable('access_log_files'))
  group by all
  union all
  select date_trunc('day', event_time), 'cloudtrail', principal, source_network, count(*), min(event_time), max(event_time)
  from read_parquet(getvariable('cloudtrail_files'))
  where is_s3_source(event_source)
    and not is_service_identity(user_identity_type, user_identity_invoked_by, source_ip_address)
  group by all
)
where source_network is not null and principal <> 'anonymous' and not starts_with(principal, 'service:')
group by all
union all
-- Which buckets each KMS key served: S3 names the object, or the bucket when it has a bucket key, in the context of its calls.
select
  cast(event_time as date), 'cloudtrail', 'kms-key-bucket', json_extract_string(resources, '$[0].ARN'),
  regexp_extract(json_extract_string(request_parameters, '$.encryptionContext."aws:s3:arn"'), '^arn:[^:]*:s3:::([^/]+)', 1),
  count(*)::bigint, min(event_time), max(event_time)
from read_parquet(getvariable('cloudtrail_files'))
where event_source = 'kms.amazonaws.com'
  and event_name in ('Decrypt', 'GenerateDataKey')
  and error_code is null and error_message is null
  and contains(request_parameters, 'aws:s3:arn')
  and json_valid(request_parameters)
  and json_valid(resources)
group by all
having json_extract_string(resources, '$[0].ARN') is not null
union all
-- Buckets and callers that use keys of the caller's own (SSE-C). Nearly no row passes the first condition, and its column is a
-- dictionary, so this costs next to nothing.
select
  cast(date_trunc('day', event_time) as date), 'cloudtrail', used.dimension, used.entity, 'SSE-C',
  count(*)::bigint, min(event_time), max(event_time)
from read_parquet(getvariable('cloudtrail_files'))
cross join lateral (values ('bucket-encryption', bucket), ('principal-encryption', principal)) as used(dimension, entity)
where sse_applied = 'SSE_C'
  and is_s3_source(event_source)
  and error_code is null
  and used.entity is not null
group by all
union all
-- Which principal used each long-term access key, and when: keys sleep for months and come back in other hands.
select
  cast(date_trunc('day', event_time) as date), 'cloudtrail', 'access-key', user_identity_access_key_id, principal,
  count(*)::bigint, min(event_time), max(event_time)
from read_parquet(getvariable('cloudtrail_files'))
where starts_with(user_identity_access_key_id, 'AKIA')
  and is_s3_source(event_source)
  and error_code is null
  and principal is not null
group by all;
