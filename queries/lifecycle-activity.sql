/*---
title: Work of lifecycle rules
question: What did lifecycle rules expire, move and clean up, day by day?
group: deletion
note: Only the access log shows it.
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { day: ~, bucket: ~, action: ~, objects: "Number of objects or uploads.", first_key: "The first of the keys, alphabetically." }
---*/
select
  cast(event_time as date) as day,
  bucket,
  action,
  count(*) as objects,
  min(key) as first_key
from s3_events
where starts_with(operation, 'S3.')
  and $bucket in ('', bucket)
  and dt between cast($from as date) and cast($to as date)
group by 1, 2, 3
order by day, bucket, action;
