/*---
title: Who used a prefix
question: Who read, wrote and deleted objects under this prefix?
group: activity
parameters:
  bucket: { description: Name of the bucket., default: "" }
  prefix: { description: "Beginning of the keys; empty is the whole bucket.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { principal: ~, action_class: ~, requests: ~, failed: ~, keys: ~, bytes_out: ~, addresses: ~, first_at: ~, last_at: ~ }
example: { bucket: acme-finance-reports, prefix: exports/ }
---*/
select
  principal,
  action_class,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  count(distinct key) as keys,
  cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
  count(distinct source_ip) as addresses,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where bucket = $bucket
  and starts_with(key, $prefix)
  and dt between cast($from as date) and cast($to as date)
group by principal, action_class
order by requests desc, principal, action_class;
