-- What was not there in the first days of the logs. Anonymous callers and services are new all the time. Of what both logs
-- saw, the larger count is taken.
with by_log as (
  select principal, bucket, source, min(hour) as first_at, sum("requests")::bigint as requests
  from activity_rows
  where not is_aws_service and principal_kind not in ('anonymous', 'unauthenticated', 'service', 'cloudfront')
  group by principal, bucket, source
),
callers as (
  select principal, bucket, min(first_at) as first_at, max(requests) as requests
  from by_log
  group by principal, bucket
),
networks as (
  select value, entity, min(first_at) as first_at, max(requests) as requests
  from (
    select value, entity, source, min(first_event_at) as first_at, sum(events)::bigint as requests
    from sightings_history
    where dimension = 'principal-network'
    group by value, entity, source
  )
  group by value, entity
),
-- Of a new principal everything is new, which needs no line of its own.
known as (
  select principal
  from callers
  group by principal
  having min(first_at) < (select min(hour) from activity_rows) + to_days(cast($baseline_days as integer))
),
seen as (
  select 'principal' as dimension, principal as value, cast(null as varchar) as context, min(first_at) as first_at,
    sum(requests)::bigint as requests
  from callers
  group by principal
  union all
  select 'bucket', bucket, null, min(first_at), sum(requests)::bigint
  from callers
  group by bucket
  union all
  select 'principal on a bucket', principal, bucket, first_at, requests
  from callers
  where bucket is not null and principal in (select principal from known)
  union all
  select 'network of a principal', value, entity, first_at, requests
  from networks
  where entity in (select principal from known)
)
select dimension, value, context, first_at, requests
from seen
where value is not null
  and first_at >= $from
  and first_at < $to
  and first_at >= (select min(hour) from activity_rows) + to_days(cast($baseline_days as integer))
order by first_at desc, dimension, value, context
limit 200
