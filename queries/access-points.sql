/*---
title: Access points
question: Through which access points is each bucket reached, and how much comes directly?
group: channel
note: Only the access log names the access point.
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
columns: { bucket: ~, access_point_arn: "The access point; null is none.", requests: ~, failed: ~, principals: ~, bytes_out: ~, first_at: ~, last_at: ~ }
---*/
select
  bucket,
  access_point_arn,
  count(*) as requests,
  count(*) filter (where http_status >= 400) as failed,
  count(distinct principal) as principals,
  cast(coalesce(sum(bytes_sent), 0) as bigint) as bytes_out,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_access_log
where operation not like 'S3.%'
  and not starts_with(principal, 'service:')
  and $bucket in ('', bucket)
group by bucket, access_point_arn
order by bucket, requests desc, access_point_arn;
