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
