/*---
title: VPC endpoints
question: Through which VPC endpoints is each bucket reached, and how much comes past them?
group: channel
note: Only CloudTrail names the endpoint; what an endpoint refused is in neither log.
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
columns: { bucket: ~, vpc_endpoint_id: "The endpoint; null is past every endpoint.", requests: ~, failed: ~, principals: ~, addresses: ~, first_at: ~, last_at: ~ }
---*/
select
  bucket,
  vpc_endpoint_id,
  count(distinct coalesce(request_id, event_id)) as requests,
  count(distinct case when error_code is not null or error_message is not null then coalesce(request_id, event_id) end) as failed,
  count(distinct principal) as principals,
  count(distinct source_ip_address) as addresses,
  min(event_time) as first_at,
  max(event_time) as last_at
from cloudtrail
where event_source = 's3.amazonaws.com'
  and bucket is not null
  and not starts_with(principal, 'service:')
  and $bucket in ('', bucket)
group by bucket, vpc_endpoint_id
order by bucket, requests desc, vpc_endpoint_id;
