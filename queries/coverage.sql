/*---
title: Coverage of the logs
question: Which buckets appear in which log, and from when to when?
---*/
select
  bucket,
  source,
  count(*) as events,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where bucket is not null
group by bucket, source
order by bucket, source;
