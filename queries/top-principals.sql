/*---
title: Top principals by bytes out
question: Who read the most, day by day?
parameters:
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
  limit: { description: Rows., default: 50 }
---*/
-- Reads the hourly rollup, so it costs the same for ten million requests as for a thousand. A request that both logs
-- saw is counted in each of them: the larger of the two stands.
select
  cast(hour as date) as day,
  principal,
  sum(requests)::bigint as requests,
  sum(bytes_out)::bigint as bytes_out
from (
  select hour, principal, bucket, action_class, max(requests) as requests, max(bytes_out) as bytes_out
  from (
    select hour, source, principal, bucket, action_class, sum(requests) as requests, sum(bytes_out) as bytes_out
    from activity_history
    where hour >= cast($from as date) and hour < cast($to as date) + interval 1 day
    group by hour, source, principal, bucket, action_class
  )
  group by hour, principal, bucket, action_class
)
group by day, principal
order by bytes_out desc, day, principal
limit cast($limit as bigint);
