/*---
title: Requests past the VPC endpoint
question: Who reaches this bucket in another way than through the endpoint?
group: channel
note: Only CloudTrail names the endpoint. Requests of AWS services that act for the caller come past it and are marked.
parameters:
  bucket: { description: Name of the bucket., default: "" }
  endpoint: { description: "The endpoint, vpce-…; empty is any.", default: "" }
columns: { principal: ~, source_ip: ~, vpc_endpoint_id: "The other endpoint; null is none.", is_by_service: "True when an AWS service made the request for the caller.", requests: ~, failed: ~, keys: ~, bytes_out: ~, first_at: ~, last_at: ~ }
example: { bucket: acme-restricted-vault }
---*/
select
  principal,
  source_ip_address as source_ip,
  vpc_endpoint_id,
  coalesce(user_identity_invoked_by like '%.amazonaws.com' or source_ip_address like '%.amazonaws.com', false) as is_by_service,
  count(distinct coalesce(request_id, event_id)) as requests,
  count(distinct case when error_code is not null or error_message is not null then coalesce(request_id, event_id) end) as failed,
  count(distinct key) as keys,
  cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
  min(event_time) as first_at,
  max(event_time) as last_at
from cloudtrail
where event_source = 's3.amazonaws.com'
  and bucket = $bucket
  and not starts_with(principal, 'service:')
  and (vpc_endpoint_id is null or $endpoint not in ('', vpc_endpoint_id))
group by 1, 2, 3, 4
order by requests desc, principal, source_ip, vpc_endpoint_id, is_by_service;
