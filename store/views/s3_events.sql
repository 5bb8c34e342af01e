-- One row a request, from either log. A request that both logs saw is the access-log row with CloudTrail's identity.

create or replace temp view access_log_events as
select
  log.event_time,
  'access_log' as source,
  cast(null as varchar) as account_id,
  cast(null as varchar) as region,
  log.bucket,
  log.key,
  action_of_operation(log.operation, log.has_key) as action,
  class_of_operation(log.operation) as action_class,
  log.principal,
  log.requester as principal_raw,
  cast(null as varchar) as access_key_id,
  log.remote_ip as source_ip,
  log.source_network,
  log.user_agent,
  cast(log.http_status as integer) as status,
  log.error_code,
  coalesce(log.http_status between 200 and 299, log.error_code is null) as is_success,
  log.principal = 'anonymous' as is_anonymous,
  starts_with(log.principal, 'service:') or starts_with(log.operation, 'S3.') as is_aws_service,
  cast(null as bigint) as bytes_in,
  log.bytes_sent as bytes_out,
  log.tls_version,
  log.cipher_suite,
  log.authentication_type,
  log.request_id,
  log.log_uri || '#' || cast(log.log_line as varchar) as row_id,
  log.operation,
  log.version_id,
  log.bucket_owner,
  coalesce(log.principal = 'canonical:' || log.bucket_owner, false) as is_bucket_owner,
  log.log_uri,
  log.log_line,
  log.dt
from read_parquet(getvariable('access_log_files'), hive_partitioning = true) as log;

create or replace temp view cloudtrail_events as
select
  event_time,
  'cloudtrail' as source,
  coalesce(bucket_account_id, recipient_account_id) as account_id,
  aws_region as region,
  bucket,
  key,
  event_name as action,
  class_of_event(event_name) as action_class,
  principal,
  coalesce(user_identity_arn, user_identity_principal_id) as principal_raw,
  user_identity_access_key_id as access_key_id,
  source_ip_address as source_ip,
  source_network,
  user_agent,
  cast(null as integer) as status,
  error_code,
  error_code is null and error_message is null as is_success,
  principal = 'anonymous' as is_anonymous,
  is_service_identity(user_identity_type, user_identity_invoked_by, source_ip_address) as is_aws_service,
  bytes_in,
  bytes_out,
  tls_version,
  cipher_suite,
  authentication_method as authentication_type,
  request_id,
  log_uri || '#' || cast(log_index as varchar) as row_id,
  cast(null as varchar) as operation,
  json_extract_scalar(request_parameters, '$.versionId') as version_id,
  cast(null as varchar) as bucket_owner,
  coalesce(user_identity_type = 'Root', false) as is_bucket_owner,
  log_uri,
  log_index as log_line,
  user_identity_account_id,
  dt
from read_parquet(getvariable('cloudtrail_files'), hive_partitioning = true)
where is_s3_source(event_source);

-- Who made the requests that both logs saw, and with what, by request id.
create or replace temp view request_identities as
select
  request_id,
  any_value(account_id) as account_id,
  any_value(region) as region,
  any_value(principal) as principal,
  any_value(principal_raw) as principal_raw,
  any_value(user_identity_account_id) as user_identity_account_id,
  any_value(access_key_id) as access_key_id,
  any_value(bytes_in) as bytes_in
from cloudtrail_events
where request_id is not null
group by request_id;

-- Requests of the access log that CloudTrail has as well: the id and the action are enough to know them. A copy has one id in the
-- logs of both buckets.
create or replace temp view request_twins as
select log.request_id, action_of_operation(log.operation, log.has_key) as action
from read_parquet(getvariable('access_log_files'), hive_partitioning = true) as log
where coalesce(log.operation, '') <> 'BATCH.DELETE.OBJECT'
  and log.request_id in (select request_id from cloudtrail_events where request_id is not null);

-- But for the keys of a batch delete, which share one id.
create or replace temp view batch_twins as
select log.request_id, log.key
from read_parquet(getvariable('access_log_files'), hive_partitioning = true) as log
where log.operation = 'BATCH.DELETE.OBJECT'
  and log.request_id in (select request_id from cloudtrail_events where action = 'DeleteObject');

create or replace temp view s3_events as
with
requests as (
  select
    log.event_time, log.source, identity.account_id, identity.region, log.bucket, log.key, log.action, log.action_class,
    coalesce(identity.principal, log.principal) as principal,
    coalesce(identity.principal_raw, log.principal_raw) as principal_raw,
    identity.user_identity_account_id,
    identity.access_key_id, log.source_ip, log.source_network, log.user_agent, log.status, log.error_code, log.is_success, log.is_anonymous,
    log.is_aws_service, identity.bytes_in, log.bytes_out, log.tls_version, log.cipher_suite, log.authentication_type,
    log.request_id, log.row_id, log.operation, log.version_id, log.is_bucket_owner, log.log_uri, log.log_line, log.dt
  from access_log_events as log
  left join request_identities as identity on identity.request_id = log.request_id
  union all
  select
    event_time, source, account_id, region, bucket, key, action, action_class, principal, principal_raw,
    user_identity_account_id, access_key_id, source_ip, source_network, user_agent, status, error_code, is_success, is_anonymous,
    is_aws_service, bytes_in, bytes_out, tls_version, cipher_suite, authentication_type, request_id, row_id, operation,
    version_id, is_bucket_owner, log_uri, log_line, dt
  from cloudtrail_events as trail
  where not exists (
    select 1
    from request_twins as twins
    where twins.request_id = trail.request_id
      and twins.action = trail.action
  )
  and not exists (
    select 1
    from batch_twins as twins
    where twins.request_id = trail.request_id
      and twins.key is not distinct from trail.key
      and trail.action = 'DeleteObject'
  )
)
select
  event_time, source, account_id, region, bucket, key, action, action_class, principal, principal_raw,
  kind_of_principal(principal) as principal_kind,
  coalesce(account_of_principal(principal),
    account_id_in(user_identity_account_id, '^([0-9]{12})$')) as principal_account_id,
  access_key_id, source_ip, source_network, user_agent, status, error_code, is_success, is_anonymous, is_aws_service, bytes_in, bytes_out,
  tls_version, authentication_type, request_id, row_id, operation, cipher_suite, version_id, is_bucket_owner,
  log_uri, log_line, dt
from requests;

-- What s3_events is where no request is in both logs: conditions on the caller then reach the files of the access log.
create or replace temp view separate_events as
select
  event_time, source, account_id, region, bucket, key, action, action_class, principal, principal_raw,
  kind_of_principal(principal) as principal_kind, account_of_principal(principal) as principal_account_id,
  access_key_id, source_ip, source_network, user_agent, status, error_code, is_success, is_anonymous, is_aws_service, bytes_in, bytes_out,
  tls_version, authentication_type, request_id, row_id, operation, cipher_suite, version_id, is_bucket_owner,
  log_uri, log_line, dt
from access_log_events
union all
select
  event_time, source, account_id, region, bucket, key, action, action_class, principal, principal_raw,
  kind_of_principal(principal),
  coalesce(account_of_principal(principal),
    account_id_in(user_identity_account_id, '^([0-9]{12})$')),
  access_key_id, source_ip, source_network, user_agent, status, error_code, is_success, is_anonymous, is_aws_service, bytes_in, bytes_out,
  tls_version, authentication_type, request_id, row_id, operation, cipher_suite, version_id, is_bucket_owner,
  log_uri, log_line, dt
from cloudtrail_events;
