/*---
title: Who used a bucket
question: Which principals read, wrote and deleted in this bucket?
group: activity
parameters:
  bucket: { description: Name of the bucket., default: "" }
columns: { principal: ~, reads: ~, writes: ~, deletes: ~, lists: ~, failed: ~, bytes_out: ~, first_at: ~, last_at: ~ }
example: { bucket: acme-customer-docs }
---*/
select
  principal,
  count(*) filter (where action_class = 'read') as reads,
  count(*) filter (where action_class = 'write') as writes,
  count(*) filter (where action_class = 'delete') as deletes,
  count(*) filter (where action_class = 'list') as lists,
  count(*) filter (where not is_success) as failed,
  sum(bytes_out) as bytes_out,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where bucket = $bucket
group by principal
order by reads + writes + deletes desc, principal;
