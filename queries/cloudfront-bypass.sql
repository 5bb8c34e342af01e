/*---
title: Requests behind CloudFront's back
question: Who reads this bucket directly, past the distribution in front of it?
group: channel
note: CloudFront comes as its service (origin access control), as an origin access identity, or anonymously with its user agent; anybody can send that user agent.
parameters:
  bucket: { description: Name of the bucket., default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { principal: ~, source_ip: ~, action_class: ~, requests: ~, failed: ~, keys: ~, bytes_out: ~, first_at: ~, last_at: ~ }
example: { bucket: acme-static-site }
---*/
select
  principal,
  source_ip,
  action_class,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  count(distinct key) as keys,
  cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where bucket = $bucket
  and action_class in ('read', 'list')
  and not is_aws_service
  and principal_kind not in ('cloudfront', 'service')
  and not (is_anonymous and coalesce(user_agent, '') in ('Amazon CloudFront', '[Amazon CloudFront]'))
  and dt between cast($from as date) and cast($to as date)
group by principal, source_ip, action_class
order by requests desc, principal, source_ip, action_class;
