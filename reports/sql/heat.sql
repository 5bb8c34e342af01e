-- Requests by bucket and hour of the day, UTC; counted as in activity.sql.
with hours as (
  select hour, source, bucket, action_class, sum("requests") as requests
  from activity_rows
  where hour >= $from and hour < $to and bucket is not null
  group by all
),
joined as (
  select hour, bucket, action_class, max(requests) as requests
  from hours
  group by hour, bucket, action_class
),
busiest as (
  select bucket
  from joined
  group by bucket
  order by sum(requests) desc, bucket
  limit 30
)
select bucket, hour(hour)::integer as hour_of_day, sum(requests)::bigint as requests
from joined
semi join busiest using (bucket)
group by bucket, hour_of_day
order by bucket, hour_of_day
