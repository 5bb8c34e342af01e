/*---
title: Buckets by volume
question: Which buckets give out the most bytes, get the most requests or the most errors?
group: volume
note: Counted from hourly rollups of each log, of which the greater number holds; a caller of another account, or root, whom the two logs name differently stands there under both names.
parameters:
  by: { description: "bytes, requests or errors.", default: bytes }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
  limit: { description: Rows., default: 50 }
columns: { bucket: ~, bytes_out: ~, bytes_in: ~, requests: ~, failed: ~, principals: ~, first_hour: ~, last_hour: ~ }
---*/
select
  bucket,
  cast(sum(bytes_out) as bigint) as bytes_out,
  cast(sum(bytes_in) as bigint) as bytes_in,
  cast(sum(requests) as bigint) as requests,
  cast(sum(errors) as bigint) as failed,
  count(distinct principal) as principals,
  min(hour) as first_hour,
  max(hour) as last_hour
from activity_by_hour
where cast(hour as date) between cast($from as date) and cast($to as date)
group by bucket
order by
  case $by when 'requests' then sum(requests) when 'errors' then sum(errors) else sum(bytes_out) end desc,
  bucket
limit cast($limit as bigint);
