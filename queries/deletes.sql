/*---
title: Who deleted what
question: Which principals deleted objects, where, how many, and when?
group: deletion
columns: { day: ~, bucket: ~, principal: ~, deletes: ~, keys: ~, first_at: ~, last_at: ~ }
---*/
select
  dt as day,
  bucket,
  principal,
  count(*) as deletes,
  count(distinct key) as keys,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where action_class = 'delete' and is_success
group by dt, bucket, principal
order by deletes desc, day, bucket, principal;
