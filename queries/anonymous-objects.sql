/*---
title: Objects that nobody signed for
question: Which objects did anonymous callers read, write or delete?
group: exposure
note: CloudFront asks anonymously for a bucket that is its public origin; its user agent tells it, which anybody can send.
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  limit: { description: Rows., default: 200 }
columns:
  bucket: ~
  key: ~
  action: ~
  requests: Successful requests; one that both logs saw counts once.
  via_cloudfront: Those of them that say that they are CloudFront's.
  addresses: ~
  bytes_out: ~
  first_at: ~
  last_at: ~
---*/
select
  bucket,
  key,
  action,
  count(*) as requests,
  count(*) filter (where user_agent in ('Amazon CloudFront', '[Amazon CloudFront]')) as via_cloudfront,
  count(distinct source_ip) as addresses,
  cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where is_anonymous
  and is_success
  and key is not null
  and $bucket in ('', bucket)
group by bucket, key, action
order by requests desc, bucket, key, action
limit cast($limit as bigint);
