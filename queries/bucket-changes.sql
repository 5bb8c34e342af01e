/*---
title: Changes of buckets
question: Who changed the policy, the ACL, versioning, logging or anything else of this bucket, and to what?
group: configuration
note: What it was set to is known where CloudTrail saw the change.
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { event_time: ~, bucket: ~, action: ~, principal: ~, source_ip: ~, is_success: ~, error_code: ~, parameters: "JSON of the request as CloudTrail logged it; null when only the access log saw it.", request_id: ~ }
example: { bucket: acme-customer-docs }
---*/
with
changes as (
  select event_time, bucket, action, principal, source_ip, is_success, error_code, request_id, row_id
  from s3_events
  where action_class in ('permission', 'config')
    and bucket is not null
    and key is null
    and $bucket in ('', bucket)
    and dt between cast($from as date) and cast($to as date)
),
requested as (
  select request_id, max(request_parameters) as parameters
  from cloudtrail
  where event_source = 's3.amazonaws.com'
    and request_id in (select request_id from changes)
  group by request_id
)
select
  changes.event_time,
  changes.bucket,
  changes.action,
  changes.principal,
  changes.source_ip,
  changes.is_success,
  changes.error_code,
  requested.parameters,
  changes.request_id
from changes
left join requested on requested.request_id = changes.request_id
order by changes.event_time, changes.row_id;
