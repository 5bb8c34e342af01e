-- s3_events and, in the same shape, CloudTrail's records of other services: KMS, CloudTrail, IAM and what else the logs hold.
create or replace temp view other_service_events as
select
  event_time, 'cloudtrail' as source, recipient_account_id as account_id, aws_region as region, bucket, key,
  split_part(event_source, '.', 1) || ':' || event_name as action,
  case when coalesce(read_only, false) then 'other' else 'config' end as action_class,
  principal, coalesce(user_identity_arn, user_identity_principal_id) as principal_raw,
  kind_of_principal(principal) as principal_kind,
  coalesce(account_of_principal(principal),
    account_id_in(user_identity_account_id, '^([0-9]{12})$')) as principal_account_id,
  user_identity_access_key_id as access_key_id, source_ip_address as source_ip, source_network, user_agent,
  cast(null as integer) as status, error_code, error_code is null and error_message is null as is_success,
  principal = 'anonymous' as is_anonymous,
  is_service_identity(user_identity_type, user_identity_invoked_by, source_ip_address) as is_aws_service,
  bytes_in, bytes_out, tls_version, authentication_method as authentication_type, request_id,
  log_uri || '#' || cast(log_index as varchar) as row_id,
  cast(null as varchar) as operation, cipher_suite, cast(null as varchar) as version_id, false as is_bucket_owner,
  log_uri, log_index as log_line, dt
from read_parquet(getvariable('cloudtrail_files'), hive_partitioning = true)
where not is_s3_source(event_source);

create or replace temp view api_events as
select * from s3_events
union all
select * from other_service_events;
