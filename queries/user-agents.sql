/*---
title: User agents
question: With which programs do callers come?
group: activity
parameters:
  principal: { description: "The caller; empty is all.", default: "" }
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
  limit: { description: Rows., default: 100 }
columns:
  user_agent: "User agent, without the brackets that CloudTrail puts around it; null was not sent."
  requests: ~
  failed: ~
  principals: ~
  addresses: ~
  first_at: ~
  last_at: ~
---*/
select
  case when user_agent like '[%]' then substr(user_agent, 2, length(user_agent) - 2) else user_agent end as user_agent,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  count(distinct principal) as principals,
  count(distinct source_ip) as addresses,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where $principal in ('', principal)
  and $bucket in ('', bucket)
  and dt between cast($from as date) and cast($to as date)
group by 1
order by requests desc, 1
limit cast($limit as bigint);
