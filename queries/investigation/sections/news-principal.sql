-- The buckets and networks of the whole history, to the hour and the day; a request that both logs saw counts in each.
with own as materialized (
  select principal, bucket, hour, "requests"
  from activity_rows
  where $condition
),
seen as (
  select 'bucket' as dimension, bucket as value, min(hour) as first_at, max(hour) as last_at, sum("requests")::bigint as requests
  from own
  group by bucket
  union all
  select 'network', value, min(first_event_at), max(last_event_at), sum(events)::bigint
  from (
    select entity as principal, value, events, first_event_at, last_event_at
    from sightings_history
    where dimension = 'principal-network'
  )
  where $condition
  group by value
)
select dimension, value, first_at, last_at, requests
from seen
where value is not null
  and first_at >= $from
  and first_at >= (select min(hour) from own) + to_days(cast($baseline_days as integer))
order by first_at desc, dimension, value
limit 100
