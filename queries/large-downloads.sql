/*---
title: Large downloads
question: Which single requests carried the most bytes out?
group: volume
parameters:
  bytes: { description: "At least so many bytes.", default: 50000000 }
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
  limit: { description: Rows., default: 100 }
columns: { event_time: ~, bytes_out: "Bytes that the caller received.", bucket: ~, key: ~, principal: ~, source_ip: ~, user_agent: ~, request_id: ~ }
---*/
select event_time, bytes_out, bucket, key, principal, source_ip, user_agent, request_id
from s3_events
where bytes_out >= cast($bytes as bigint)
  and $bucket in ('', bucket)
  and dt between cast($from as date) and cast($to as date)
order by bytes_out desc, event_time, row_id
limit cast($limit as bigint);
