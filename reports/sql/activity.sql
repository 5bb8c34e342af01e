-- Requests by slot; the larger count of the two logs in each hour, bucket and class, because a request may be in both.
with hours as (
  select hour, source, bucket, action_class, sum("requests") as requests, sum(errors) as errors, sum(bytes_out) as bytes_out
  from activity_rows
  where hour >= $from and hour < $to
  group by all
),
joined as (
  select hour, bucket, action_class, max(requests) as requests, max(errors) as errors, max(bytes_out) as bytes_out
  from hours
  group by hour, bucket, action_class
)
select
  time_bucket(to_seconds($step_seconds), hour) as slot,
  sum(requests)::bigint as requests,
  sum(errors)::bigint as errors,
  coalesce(sum(bytes_out), 0)::bigint as bytes_out
from joined
group by slot
order by slot
