/*---
title: Principals that are new
question: Who appears for the first time in the last days of the logs?
group: novelty
note: Counted from hourly rollups of each log, of which the greater number holds; a caller of another account, or root, whom the two logs name differently stands there under both names.
parameters:
  days: { description: "How many days, counted back from the last hour of the logs.", default: 7 }
columns: { principal: ~, principal_kind: ~, first_hour: ~, last_hour: ~, used_buckets: "The buckets that it used.", requests: ~, failed: ~, bytes_out: ~ }
---*/
with
principals as (
  select
    principal,
    principal_kind,
    min(hour) as first_hour,
    max(hour) as last_hour,
    array_join(array_sort(array_agg(distinct bucket)), ', ') as used_buckets,
    cast(sum(requests) as bigint) as requests,
    cast(sum(errors) as bigint) as failed,
    cast(sum(bytes_out) as bigint) as bytes_out
  from activity_by_hour
  group by principal, principal_kind
)
select principal, principal_kind, first_hour, last_hour, used_buckets, requests, failed, bytes_out
from principals
where first_hour > (select max(last_hour) from principals) - cast($days as integer) * interval '1' day
order by first_hour desc, principal;
