/*---
title: Access by time of day
question: At which hours of the day, and on how many weekends, does each principal work?
group: volume
note: Counted from hourly rollups of each log, of which the greater number holds; a caller of another account, or root, whom the two logs name differently stands there under both names.
parameters:
  principal: { description: "The caller; empty is all.", default: "" }
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
columns: { hour_of_day: "Hour of the day from 0 to 23, UTC.", requests: ~, failed: ~, bytes_out: ~, principals: ~, active_days: "Number of days with requests in this hour.", weekend_requests: "Those of them on a Saturday or Sunday, UTC." }
example: { bucket: acme-customer-docs }
---*/
select
  extract(hour from hour) as hour_of_day,
  cast(sum(requests) as bigint) as requests,
  cast(sum(errors) as bigint) as failed,
  cast(sum(bytes_out) as bigint) as bytes_out,
  count(distinct principal) as principals,
  count(distinct cast(hour as date)) as active_days,
  cast(sum(case when date_diff('day', date '2024-01-01', cast(hour as date)) % 7 in (5, 6) then requests else 0 end) as bigint) as weekend_requests
from activity_by_hour
where $principal in ('', principal) and $bucket in ('', bucket)
group by extract(hour from hour)
order by hour_of_day;
