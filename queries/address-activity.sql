/*---
title: What an address did
question: Who came from this address or network, and what did they do?
group: activity
parameters:
  address: { description: "An address, or a /24 or /48 network such as 203.0.113.0/24.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { principal: ~, bucket: ~, action: ~, requests: ~, failed: ~, keys: ~, bytes_out: ~, first_at: ~, last_at: ~ }
example: { address: 198.51.100.0/24 }
---*/
select
  principal,
  bucket,
  action,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  count(distinct key) as keys,
  cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where case when $address like '%/%' then source_network else source_ip end = $address
  and dt between cast($from as date) and cast($to as date)
group by principal, bucket, action
order by requests desc, principal, bucket, action;
