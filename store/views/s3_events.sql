-- One row a request, from either log. A request that both logs saw is the access-log row with CloudTrail's identity.
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
