/*---
title: Traffic by day
question: How much is read, written, deleted and refused in each bucket, day by day?
group: volume
note: Counted from hourly rollups of each log, of which the greater number holds; a caller of another account, or root, whom the two logs name differently stands there under both names.
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { day: ~, bucket: ~, requests: ~, failed: ~, reads: ~, writes: ~, deletes: ~, bytes_out: ~, bytes_in: ~, principals: ~ }
example: { bucket: acme-data-lake }
---*/
select
  cast(hour as date) as day,
  bucket,
  cast(sum(requests) as bigint) as requests,
  cast(sum(errors) as bigint) as failed,
  cast(sum(case when action_class = 'read' then requests else 0 end) as bigint) as reads,
  cast(sum(case when action_class = 'write' then requests else 0 end) as bigint) as writes,
  cast(sum(case when action_class = 'delete' then requests else 0 end) as bigint) as deletes,
  cast(sum(bytes_out) as bigint) as bytes_out,
  cast(sum(bytes_in) as bigint) as bytes_in,
  count(distinct principal) as principals
from activity_by_hour
where $bucket in ('', bucket)
  and cast(hour as date) between cast($from as date) and cast($to as date)
group by cast(hour as date), bucket
order by day, bucket;
