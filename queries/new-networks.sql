/*---
title: Networks that are new
question: Who comes from a network in the last days of the logs from which they never came before?
group: novelty
note: The networks of anonymous callers and of AWS services are not remembered.
parameters:
  days: { description: "How many days, counted back from the last event of the logs.", default: 7 }
columns:
  principal: ~
  network: The new network.
  first_at: ~
  last_at: ~
  requests: ~
  known_networks: Networks that the principal came from before; 0 when the principal itself is new.
---*/
with
by_day as (
  select entity, value, day, min(first_event_at) as first_at, max(last_event_at) as last_at, max(events) as requests
  from sightings_history
  where dimension = 'principal-network'
  group by entity, value, day
),
totals as (
  select entity, value, min(first_at) as first_at, max(last_at) as last_at, sum(requests) as requests
  from by_day
  group by entity, value
),
period as (
  select max(last_at) - cast($days as integer) * interval '1' day as start from totals
),
marked as (
  select
    totals.entity, totals.value, totals.first_at, totals.last_at, totals.requests,
    totals.first_at > period.start as is_new
  from totals
  cross join period
)
select
  entity as principal,
  value as network,
  first_at,
  last_at,
  cast(requests as bigint) as requests,
  known_networks
from (
  select
    entity, value, first_at, last_at, requests, is_new,
    sum(case when is_new then 0 else 1 end) over (partition by entity) as known_networks
  from marked
) as counted
where is_new
order by first_at desc, principal, network;
