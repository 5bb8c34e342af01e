/*---
title: Who listed
question: Who lists buckets and their objects, and how broadly?
group: activity
parameters:
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
  limit: { description: Rows., default: 100 }
columns:
  principal: ~
  action: ~
  requests: ~
  failed: ~
  buckets: ~
  addresses: ~
  first_at: ~
  last_at: ~
---*/
select
  principal,
  action,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  count(distinct bucket) as buckets,
  count(distinct source_ip) as addresses,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where action_class = 'list'
  and not is_aws_service
  and dt between cast($from as date) and cast($to as date)
group by principal, action
order by buckets desc, requests desc, principal, action
limit cast($limit as bigint);
