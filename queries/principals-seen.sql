/*---
title: When principals were seen
question: Since when and until when does each principal use S3, and on how many days?
group: novelty
note: Counted from hourly rollups of each log, of which the greater number holds; a caller of another account, or root, whom the two logs name differently stands there under both names.
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  limit: { description: Rows., default: 500 }
columns: { principal: ~, principal_kind: ~, first_hour: ~, last_hour: ~, active_days: "Number of days with requests.", buckets: ~, requests: ~ }
---*/
select
  principal,
  principal_kind,
  min(hour) as first_hour,
  max(hour) as last_hour,
  count(distinct cast(hour as date)) as active_days,
  count(distinct bucket) as buckets,
  cast(sum(requests) as bigint) as requests
from activity_by_hour
where $bucket in ('', bucket)
group by principal, principal_kind
order by first_hour desc, principal
limit cast($limit as bigint);
