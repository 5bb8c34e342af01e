-- As queries/top-principals.sql counts, from the rollups: the larger count of the two logs in each hour and bucket.
with hours as (
  select hour, source, principal, bucket, sum("requests") as requests, sum(errors) as errors, sum(bytes_out) as bytes_out
  from activity_rows
  where hour >= $from and hour < $to and principal is not null
  group by all
),
joined as (
  select hour, principal, bucket, max(requests) as requests, max(errors) as errors, max(bytes_out) as bytes_out
  from hours
  group by hour, principal, bucket
)
select
  principal,
  sum(requests)::bigint as requests,
  sum(errors)::bigint as errors,
  coalesce(sum(bytes_out), 0)::bigint as bytes_out,
  count(distinct bucket) as buckets
from joined
group by principal
order by bytes_out desc, requests desc, principal
limit 20
