/*---
title: Presigned links
question: Who made links that were used, for what, and by how many addresses?
group: exposure
note: The signer is known and not the user of the link; downloads in the console of AWS are such links too.
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { principal: "The signer of the links.", bucket: ~, action: ~, requests: ~, failed: ~, keys: ~, addresses: ~, networks: ~, bytes_out: ~, first_at: ~, last_at: ~ }
---*/
select
  principal,
  bucket,
  action,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  count(distinct key) as keys,
  count(distinct source_ip) as addresses,
  count(distinct source_network) as networks,
  cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where authentication_type = 'QueryString'
  and $bucket in ('', bucket)
  and dt between cast($from as date) and cast($to as date)
group by principal, bucket, action
order by requests desc, principal, bucket, action;
