/*---
title: Errors of S3 itself
question: When and where did S3 answer that it is overloaded or broken?
group: errors
parameters:
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { hour: ~, bucket: ~, error: "Error code, or the HTTP status when there is none.", requests: ~, principals: ~, first_at: ~, last_at: ~ }
---*/
select
  date_trunc('hour', event_time) as hour,
  bucket,
  coalesce(error_code, cast(status as varchar)) as error,
  count(*) as requests,
  count(distinct principal) as principals,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where not is_success
  and (status >= 500 or error_code in ('SlowDown', 'InternalError', 'ServiceUnavailable', 'Busy', 'ReducedCapacity'))
  and dt between cast($from as date) and cast($to as date)
group by 1, 2, 3
order by hour, bucket, error;
