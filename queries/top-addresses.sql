/*---
title: Addresses by volume
question: From which addresses come the most bytes, requests or errors?
group: volume
parameters:
  by: { description: "bytes, requests or errors.", default: bytes }
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
  limit: { description: Rows., default: 50 }
columns: { source_ip: ~, bytes_out: ~, requests: ~, failed: ~, principals: ~, buckets: ~, first_at: ~, last_at: ~ }
---*/
select
  source_ip,
  cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  count(distinct principal) as principals,
  count(distinct bucket) as buckets,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where source_ip is not null
  and $bucket in ('', bucket)
  and dt between cast($from as date) and cast($to as date)
group by source_ip
order by
  case $by when 'requests' then count(*) when 'errors' then count(*) filter (where not is_success) else coalesce(sum(bytes_out), 0) end desc,
  source_ip
limit cast($limit as bigint);
