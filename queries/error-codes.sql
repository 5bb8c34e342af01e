/*---
title: Errors by code
question: Which errors does each bucket answer with, and to how many?
group: errors
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { bucket: ~, error: "Error code, or the HTTP status when there is none.", requests: ~, principals: ~, addresses: ~, first_at: ~, last_at: ~ }
---*/
select
  bucket,
  coalesce(error_code, cast(status as varchar)) as error,
  count(*) as requests,
  count(distinct principal) as principals,
  count(distinct source_ip) as addresses,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where not is_success
  and $bucket in ('', bucket)
  and dt between cast($from as date) and cast($to as date)
group by 1, 2
order by requests desc, bucket, error;
