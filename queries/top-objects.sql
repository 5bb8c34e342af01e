/*---
title: Objects by volume
question: Which objects of this bucket are read the most?
group: volume
parameters:
  bucket: { description: Name of the bucket., default: "" }
  prefix: { description: "Beginning of the keys; empty is the whole bucket.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
  limit: { description: Rows., default: 50 }
columns: { key: ~, reads: ~, bytes_out: ~, principals: ~, addresses: ~, first_at: ~, last_at: ~ }
example: { bucket: acme-media-public }
---*/
select
  key,
  count(*) as reads,
  cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
  count(distinct principal) as principals,
  count(distinct source_ip) as addresses,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where bucket = $bucket
  and action_class = 'read'
  and is_success
  and key is not null
  and starts_with(key, $prefix)
  and dt between cast($from as date) and cast($to as date)
group by key
order by bytes_out desc, reads desc, key
limit cast($limit as bigint);
