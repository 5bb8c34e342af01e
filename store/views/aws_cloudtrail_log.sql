-- CloudTrail under the names and types of Tailpipe's table, so that queries written for it run here unchanged.
-- JSON that DuckDB's reader refuses (ours is more lenient) is null here and text in cloudtrail.
create or replace temp view aws_cloudtrail_log as
with
records as (
  select
    * replace (
      try_cast(additional_event_data as json) as additional_event_data,
      try_cast(edge_device_details as json) as edge_device_details,
      try_cast(request_parameters as json) as request_parameters,
      try_cast(resources as json) as resources,
      try_cast(response_elements as json) as response_elements,
      try_cast(service_event_details as json) as service_event_details,
      try_cast(tls_details as json) as tls_details,
      try_cast(user_identity as json) as user_identity
    ),
    regexp_matches(source_ip_address, '^[0-9A-Fa-f:.]*[:.][0-9A-Fa-f:.]*$') as is_address,
    starts_with(log_uri, 's3://') as is_s3
  from cloudtrail
)
select
  additional_event_data,
  api_version,
  aws_region,
  edge_device_details,
  error_code,
  error_message,
  event_category,
  event_id,
  event_name,
  event_source,
  event_time,
  event_type,
  event_version,
  management_event,
  read_only,
  recipient_account_id,
  request_id,
  request_parameters,
  resources,
  response_elements,
  service_event_details,
  cast(session_credential_from_console as varchar) as session_credential_from_console,
  shared_event_id,
  source_ip_address,
  case when tls_details is not null then {
    'cipher_suite': json_extract_string(tls_details, '$.cipherSuite'),
    'client_provided_host_header': json_extract_string(tls_details, '$.clientProvidedHostHeader'),
    'tls_version': json_extract_string(tls_details, '$.tlsVersion')
  } end as tls_details,
  user_agent,
  case when user_identity is not null then {
    'access_key_id': user_identity_access_key_id,
    'account_id': user_identity_account_id,
    'arn': user_identity_arn,
    'identity_provider': user_identity_identity_provider,
    'invoked_by': user_identity_invoked_by,
    'principal_id': user_identity_principal_id,
    'session_context': case when json_type(user_identity, '$.sessionContext') = 'OBJECT' then {
      'attributes': case when json_type(user_identity, '$.sessionContext.attributes') = 'OBJECT' then {
        'creation_date': json_extract_string(user_identity, '$.sessionContext.attributes.creationDate'),
        'mfa_authenticated': json_extract_string(user_identity, '$.sessionContext.attributes.mfaAuthenticated')
      } end,
      'ec2_role_delivery': json_extract_string(user_identity, '$.sessionContext.ec2RoleDelivery'),
      'session_issuer': case when json_type(user_identity, '$.sessionContext.sessionIssuer') = 'OBJECT' then {
        'account_id': session_issuer_account_id,
        'arn': session_issuer_arn,
        'principal_id': json_extract_string(user_identity, '$.sessionContext.sessionIssuer.principalId'),
        'type': session_issuer_type,
        'user_name': session_issuer_user_name
      } end,
      'web_id_federation_data': case when json_type(user_identity, '$.sessionContext.webIdFederationData') = 'OBJECT' then {
        'attributes': json_extract(user_identity, '$.sessionContext.webIdFederationData.attributes'),
        'federated_provider': json_extract_string(user_identity, '$.sessionContext.webIdFederationData.federatedProvider')
      } end
    } end,
    'type': user_identity_type,
    'user_name': user_identity_user_name
  } end as user_identity,
  vpc_endpoint_id,
  log_uri || '#' || cast(log_index as varchar) as tp_id,
  case when is_s3 then 'aws_s3_bucket' else 'file' end as tp_source_type,
  cast(null as timestamp) as tp_ingest_timestamp,
  event_time as tp_timestamp,
  'aws_cloudtrail_log' as tp_table,
  cast(null as varchar) as tp_partition,
  recipient_account_id as tp_index,
  cast(dt as date) as tp_date,
  case when is_address then source_ip_address end as tp_source_ip,
  cast(null as varchar) as tp_destination_ip,
  case when is_s3 then split_part(log_uri, '/', 3) end as tp_source_name,
  case when is_s3 then regexp_replace(log_uri, '^s3://[^/]*/', '') else log_uri end as tp_source_location,
  json_extract_string(resources, '$[*].ARN') as tp_akas,
  case when is_address then [source_ip_address] end as tp_ips,
  cast(null as varchar[]) as tp_tags,
  case when not is_address and contains(source_ip_address, '.') then [source_ip_address] end as tp_domains,
  cast(null as varchar[]) as tp_emails,
  case when user_identity_user_name is not null then [user_identity_user_name] end as tp_usernames
from records;
