/*---
title: Principals by volume
question: Who moves the most bytes, makes the most requests or the most errors?
group: volume
note: Counted from hourly rollups of each log, of which the greater number holds; a caller of another account, or root, whom the two logs name differently stands there under both names.
parameters:
  by: { description: "bytes, requests or errors.", default: bytes }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
  limit: { description: Rows., default: 50 }
columns: { principal: ~, bytes_out: ~, bytes_in: ~, requests: ~, failed: ~, buckets: ~, first_hour: ~, last_hour: ~ }
---*/
select
  principal,
  cast(sum(bytes_out) as bigint) as bytes_out,
  cast(sum(bytes_in) as bigint) as bytes_in,
  cast(sum(requests) as bigint) as requests,
  cast(sum(errors) as bigint) as failed,
  count(distinct bucket) as buckets,
  min(hour) as first_hour,
  max(hour) as last_hour
from activity_by_hour
where cast(hour as date) between cast($from as date) and cast($to as date)
group by principal
order by
  case $by when 'requests' then sum(requests) when 'errors' then sum(errors) else sum(bytes_out) end desc,
  principal
limit cast($limit as bigint);
