/*---
title: Coverage of the logs
question: Which buckets appear in which log, and from when to when?
group: coverage
columns: { bucket: ~, source: ~, events: Rows that were taken from this log., first_at: ~, last_at: ~ }
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
