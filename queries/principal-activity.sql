/*---
title: What a principal did
question: What did this principal do, on which buckets, from where, and when first and last?
group: activity
parameters:
  principal: { description: "ARN of a role or user, account:ID, service:NAME or anonymous.", default: anonymous }
columns: { bucket: ~, action: ~, requests: ~, failed: ~, bytes_out: ~, addresses: ~, first_at: ~, last_at: ~ }
example: { principal: "arn:aws:iam::111122223333:role/db-backup" }
---*/
select
  bucket,
  action,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  sum(bytes_out) as bytes_out,
  count(distinct source_ip) as addresses,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where principal = $principal
group by bucket, action
order by requests desc, bucket, action;
