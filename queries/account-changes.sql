/*---
title: Changes of trails, keys and the account
question: Who touched CloudTrail, KMS keys or the account's public access block?
group: configuration
parameters:
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { event_time: ~, service: "Service that was asked, such as cloudtrail.amazonaws.com.", action: ~, principal: ~, source_ip: ~, is_success: ~, error_code: ~, parameters: "JSON of the request as logged.", account_id: "Account whose trail delivered the record.", row_id: ~ }
---*/
select
  event_time,
  event_source as service,
  event_name as action,
  principal,
  source_ip_address as source_ip,
  error_code is null and error_message is null as is_success,
  error_code,
  request_parameters as parameters,
  recipient_account_id as account_id,
  log_uri || '#' || cast(log_index as varchar) as row_id
from cloudtrail
where (
    event_source = 'cloudtrail.amazonaws.com'
      and regexp_like(event_name, '^(Create|Update|Delete|Start|Stop|Put|Deregister|Register)')
    or event_source = 'kms.amazonaws.com'
      and event_name in ('DisableKey', 'ScheduleKeyDeletion', 'CancelKeyDeletion', 'EnableKey', 'PutKeyPolicy', 'CreateKey',
        'CreateGrant', 'RevokeGrant', 'DeleteImportedKeyMaterial', 'ReplicateKey', 'UpdatePrimaryRegion')
    or event_source = 's3.amazonaws.com'
      and event_name in ('PutAccountPublicAccessBlock', 'DeleteAccountPublicAccessBlock', 'PutPublicAccessBlock', 'DeletePublicAccessBlock')
  )
  and dt between cast($from as date) and cast($to as date)
order by event_time, row_id;
