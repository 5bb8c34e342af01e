-- The rival of cloudtrail: DuckDB's own JSON reader, tuned by hand, with all columns of our lake but log_index.
-- Tuned means: typed columns instead of detection, each nested object parsed once more as a struct and not once a
-- field, no insertion order, a Parquet file a thread.
-- $logs is a glob, $out a folder.
copy (
  select
    event_time,
    event_id,
    event_version,
    event_type,
    event_category,
    event_source,
    event_name,
    aws_region,
    source_ip_address,
    user_agent,
    error_code,
    error_message,
    request_id,
    read_only,
    management_event,
    recipient_account_id,
    shared_event_id,
    vpc_endpoint_id,
    vpc_endpoint_account_id,
    api_version,
    session_credential_from_console,
    identity.type as user_identity_type,
    identity.principalId as user_identity_principal_id,
    identity.arn as user_identity_arn,
    identity.accountId as user_identity_account_id,
    identity.accessKeyId as user_identity_access_key_id,
    identity.userName as user_identity_user_name,
    identity.identityProvider as user_identity_identity_provider,
    identity.invokedBy as user_identity_invoked_by,
    identity.sessionContext.sessionIssuer.type as session_issuer_type,
    identity.sessionContext.sessionIssuer.arn as session_issuer_arn,
    identity.sessionContext.sessionIssuer.accountId as session_issuer_account_id,
    identity.sessionContext.sessionIssuer.userName as session_issuer_user_name,
    identity.sessionContext.attributes.mfaAuthenticated as session_mfa_authenticated,
    identity.sessionContext.attributes.creationDate as session_creation_date,
    identity.sessionContext.sourceIdentity as session_source_identity,
    coalesce(
      parameters.bucketName,
      case when resource[1].type = 'AWS::S3::Bucket' then substr(resource[1].ARN, 14) end,
      case when resource[2].type = 'AWS::S3::Bucket' then substr(resource[2].ARN, 14) end
    ) as bucket,
    parameters.key as key,
    case
      when resource[2].type = 'AWS::S3::Bucket' then resource[2].accountId
      when resource[1].type = 'AWS::S3::Bucket' then resource[1].accountId
    end as bucket_account_id,
    cast(additional.bytesTransferredIn as bigint) as bytes_in,
    cast(additional.bytesTransferredOut as bigint) as bytes_out,
    additional.SignatureVersion as signature_version,
    coalesce(additional.CipherSuite, tls.cipherSuite) as cipher_suite,
    additional.AuthenticationMethod as authentication_method,
    additional.SSEApplied as sse_applied,
    additional."x-amz-id-2" as host_id,
    tls.tlsVersion as tls_version,
    coalesce(tls.clientProvidedHostHeader, parameters.Host) as host_header,
    user_identity,
    request_parameters,
    response_elements,
    additional_event_data,
    resources,
    service_event_details,
    tls_details,
    edge_device_details,
    addendum,
    cast(null as varchar) as extra_fields,
    case
      when identity.type in ('AWSAccount', 'Unknown')
        and lower(identity.accountId) in ('anonymous', 'anonymous_principal') then 'anonymous'
      when identity.type = 'AWSService' then concat('service:', coalesce(identity.invokedBy, 'unknown'))
      when identity.type = 'Root'
        then coalesce(identity.arn, concat('arn:aws:iam::', identity.accountId, ':root'))
      when identity.type = 'AWSAccount' and identity.accountId = 'CloudFront'
        then concat('cloudfront:', identity.principalId)
      when identity.type = 'AWSAccount' then concat('account:', identity.accountId)
      when identity.sessionContext.sessionIssuer.arn is not null and identity.type is distinct from 'FederatedUser'
        then concat(
          left(identity.sessionContext.sessionIssuer.arn, strpos(identity.sessionContext.sessionIssuer.arn, '/')),
          split_part(identity.sessionContext.sessionIssuer.arn, '/', -1)
        )
      when contains(identity.arn, ':assumed-role/') then concat(
        'arn:', split_part(identity.arn, ':', 2), ':iam::', split_part(identity.arn, ':', 5), ':role/',
        split_part(identity.arn, '/', 2)
      )
      when identity.arn is not null then identity.arn
      else coalesce(nullif(identity.principalId, ''), 'unknown')
    end as principal,
    case
      when contains(source_ip_address, ':') then concat(
        coalesce(nullif(split_part(lower(source_ip_address), ':', 1), ''), '0'), ':',
        coalesce(nullif(split_part(lower(source_ip_address), ':', 2), ''), '0'), ':',
        coalesce(nullif(split_part(lower(source_ip_address), ':', 3), ''), '0'), '::/48'
      )
      when right(source_ip_address, 1) between '0' and '9'
        then left(source_ip_address, length(source_ip_address) - strpos(reverse(source_ip_address), '.')) || '.0/24'
    end as source_network,
    cast(null as varchar) as flags,
    log_uri
  from (
    select
      record.eventTime as event_time,
      record.eventID as event_id,
      record.eventVersion as event_version,
      record.eventType as event_type,
      record.eventCategory as event_category,
      record.eventSource as event_source,
      record.eventName as event_name,
      record.awsRegion as aws_region,
      record.sourceIPAddress as source_ip_address,
      record.userAgent as user_agent,
      record.errorCode as error_code,
      record.errorMessage as error_message,
      record.requestID as request_id,
      record.readOnly as read_only,
      record.managementEvent as management_event,
      record.recipientAccountId as recipient_account_id,
      record.sharedEventID as shared_event_id,
      record.vpcEndpointId as vpc_endpoint_id,
      record.vpcEndpointAccountId as vpc_endpoint_account_id,
      record.apiVersion as api_version,
      record.sessionCredentialFromConsole as session_credential_from_console,
      cast(record.userIdentity as varchar) as user_identity,
      cast(record.requestParameters as varchar) as request_parameters,
      cast(record.responseElements as varchar) as response_elements,
      cast(record.additionalEventData as varchar) as additional_event_data,
      cast(record.resources as varchar) as resources,
      cast(record.serviceEventDetails as varchar) as service_event_details,
      cast(record.tlsDetails as varchar) as tls_details,
      cast(record.edgeDeviceDetails as varchar) as edge_device_details,
      cast(record.addendum as varchar) as addendum,
      from_json(
        record.userIdentity,
        '{
          "type": "VARCHAR", "principalId": "VARCHAR", "arn": "VARCHAR", "accountId": "VARCHAR",
          "accessKeyId": "VARCHAR", "userName": "VARCHAR", "identityProvider": "VARCHAR", "invokedBy": "VARCHAR",
          "sessionContext": {
            "sessionIssuer": {"type": "VARCHAR", "arn": "VARCHAR", "accountId": "VARCHAR", "userName": "VARCHAR"},
            "attributes": {"creationDate": "TIMESTAMP", "mfaAuthenticated": "BOOLEAN"},
            "sourceIdentity": "VARCHAR"
          }
        }'
      ) as identity,
      from_json(
        record.requestParameters, '{"bucketName": "VARCHAR", "key": "VARCHAR", "Host": "VARCHAR"}'
      ) as parameters,
      from_json(
        record.additionalEventData,
        '{
          "SignatureVersion": "VARCHAR", "CipherSuite": "VARCHAR", "bytesTransferredIn": "DOUBLE",
          "bytesTransferredOut": "DOUBLE", "AuthenticationMethod": "VARCHAR", "x-amz-id-2": "VARCHAR",
          "SSEApplied": "VARCHAR"
        }'
      ) as additional,
      from_json(
        record.tlsDetails,
        '{"tlsVersion": "VARCHAR", "cipherSuite": "VARCHAR", "clientProvidedHostHeader": "VARCHAR"}'
      ) as tls,
      from_json(record.resources, '[{"type": "VARCHAR", "ARN": "VARCHAR", "accountId": "VARCHAR"}]') as resource,
      filename as log_uri
    from (
      select unnest(Records) as record, filename
      from read_json(
        $logs,
        format = 'unstructured',
        records = 'true',
        filename = true,
        columns = {
          'Records': 'STRUCT(
            eventVersion VARCHAR, userIdentity JSON, eventTime TIMESTAMP, eventSource VARCHAR, eventName VARCHAR,
            awsRegion VARCHAR, sourceIPAddress VARCHAR, userAgent VARCHAR, errorCode VARCHAR, errorMessage VARCHAR,
            requestParameters JSON, responseElements JSON, additionalEventData JSON, requestID VARCHAR,
            eventID VARCHAR, readOnly BOOLEAN, resources JSON, eventType VARCHAR, managementEvent BOOLEAN,
            apiVersion VARCHAR, recipientAccountId VARCHAR, sharedEventID VARCHAR, vpcEndpointId VARCHAR,
            vpcEndpointAccountId VARCHAR, eventCategory VARCHAR, serviceEventDetails JSON, tlsDetails JSON,
            sessionCredentialFromConsole BOOLEAN, edgeDeviceDetails JSON, addendum JSON
          )[]'
        }
      )
    )
  )
) to $out (format parquet, parquet_version v2, compression snappy, per_thread_output);
