/*---
title: Objects that were deleted
question: Which objects were deleted, by whom and when?
group: deletion
note: A multi-object delete names its keys in the access log; CloudTrail shows them only where it writes a row for each key.
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  prefix: { description: "Beginning of the keys; empty is the whole bucket.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
  limit: { description: Rows., default: 1000 }
columns: { event_time: ~, bucket: ~, key: ~, version_id: ~, principal: ~, source_ip: ~, request_id: ~ }
---*/
select event_time, bucket, key, version_id, principal, source_ip, request_id
from s3_events
where action_class = 'delete'
  and is_success
  and key is not null
  and $bucket in ('', bucket)
  and starts_with(key, $prefix)
  and dt between cast($from as date) and cast($to as date)
order by event_time desc, bucket, key, row_id
limit cast($limit as bigint);
