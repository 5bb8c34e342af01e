/*---
title: What root did
question: What was done as the root user, or as the account that owns the bucket?
group: activity
note: The access log names root by the canonical id of its account; CloudTrail by its ARN.
parameters:
  limit: { description: Rows., default: 500 }
columns: { event_time: ~, bucket: ~, key: ~, action: ~, is_success: ~, source_ip: ~, user_agent: ~, request_id: ~ }
---*/
select event_time, bucket, key, action, is_success, source_ip, user_agent, request_id
from s3_events
where principal_kind in ('root', 'canonical')
  and (is_bucket_owner or principal_kind = 'root')
order by event_time desc, row_id
limit cast($limit as bigint);
