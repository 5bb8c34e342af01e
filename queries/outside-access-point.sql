/*---
title: Requests past the access point
question: Who reaches this bucket directly, and not through an access point?
group: channel
note: Only the access log names the access point.
parameters:
  bucket: { description: Name of the bucket., default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { principal: ~, source_ip: ~, requests: ~, failed: ~, keys: ~, bytes_out: ~, first_at: ~, last_at: ~ }
example: { bucket: acme-data-lake }
---*/
select
  principal,
  remote_ip as source_ip,
  count(*) as requests,
  count(*) filter (where http_status >= 400) as failed,
  count(distinct key) as keys,
  cast(coalesce(sum(bytes_sent), 0) as bigint) as bytes_out,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_access_log
where bucket = $bucket
  and access_point_arn is null
  and operation not like 'S3.%'
  and not starts_with(principal, 'service:')
  and dt between cast($from as date) and cast($to as date)
group by principal, remote_ip
order by requests desc, principal, source_ip;
