/*---
title: History of an object
question: What happened to this object, by whom, from where?
group: activity
note: A multi-object delete names its keys in the access log; CloudTrail shows them only where it writes a row for each key.
parameters:
  bucket: { description: Name of the bucket., default: "" }
  key: { description: "The object key, decoded.", default: "" }
  limit: { description: Rows., default: 1000 }
columns: { event_time: ~, action: ~, principal: ~, source_ip: ~, is_success: ~, error_code: ~, bytes_out: ~, version_id: ~, user_agent: ~, request_id: ~, row_id: ~ }
example: { bucket: acme-static-site, key: index.html }
---*/
select
  event_time, action, principal, source_ip, is_success, error_code, bytes_out, version_id, user_agent, request_id, row_id
from s3_events
where bucket = $bucket and key = $key
order by event_time, row_id
limit cast($limit as bigint);
