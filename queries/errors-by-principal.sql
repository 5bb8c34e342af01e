/*---
title: Errors by principal
question: Who is refused, with which error, and how often?
group: errors
columns: { principal: ~, bucket: ~, error: "Error code, or the HTTP status when there is none.", requests: ~, first_at: ~, last_at: ~ }
---*/
select
  principal,
  bucket,
  coalesce(error_code, cast(status as varchar)) as error,
  count(*) as requests,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where not is_success
group by principal, bucket, error
order by requests desc, principal, bucket, error
limit 100;
