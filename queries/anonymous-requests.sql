/*---
title: Anonymous requests
question: Which buckets answered requests that nobody signed?
group: exposure
columns: { bucket: ~, action: ~, is_success: ~, requests: ~, addresses: ~, bytes_out: ~, first_at: ~, last_at: ~ }
---*/
select
  bucket,
  action,
  is_success,
  count(*) as requests,
  count(distinct source_ip) as addresses,
  sum(bytes_out) as bytes_out,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where is_anonymous
group by bucket, action, is_success
order by is_success desc, requests desc, bucket, action;
