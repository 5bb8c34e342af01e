/*---
title: Networks of a principal
question: From which networks does each principal come, since when and until when?
group: novelty
note: The networks of anonymous callers and of AWS services are not remembered; address-activity finds them in the rows.
parameters:
  principal: { description: "The caller; empty is all.", default: "" }
  limit: { description: Rows., default: 500 }
columns: { principal: ~, network: "The network, a /24 or a /48.", first_at: ~, last_at: ~, active_days: "Number of days with requests.", requests: ~ }
example: { principal: "arn:aws:iam::111122223333:user/dev.miller" }
---*/
with
by_day as (
  select entity, value, day, min(first_event_at) as first_at, max(last_event_at) as last_at, max(events) as requests
  from sightings_history
  where dimension = 'principal-network' and $principal in ('', entity)
  group by entity, value, day
)
select
  entity as principal,
  value as network,
  min(first_at) as first_at,
  max(last_at) as last_at,
  count(*) as active_days,
  cast(sum(requests) as bigint) as requests
from by_day
group by entity, value
order by first_at desc, principal, network
limit cast($limit as bigint);
