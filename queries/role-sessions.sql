/*---
title: Sessions of a role
question: Which sessions did this role have, from where, and what did each do?
group: activity
note: The logs show the name that a session was opened with; access keys are known where CloudTrail saw the session.
parameters:
  principal: { description: ARN of the role., default: "" }
  limit: { description: Rows., default: 200 }
columns:
  session: Caller as logged, with the name of its session.
  access_keys: Number of different access keys.
  requests: ~
  failed: ~
  buckets: ~
  addresses: ~
  bytes_out: ~
  first_at: ~
  last_at: ~
example: { principal: "arn:aws:iam::111122223333:role/customer-portal" }
---*/
select
  principal_raw as session,
  count(distinct access_key_id) as access_keys,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  count(distinct bucket) as buckets,
  count(distinct source_ip) as addresses,
  cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where principal = $principal
group by principal_raw
order by last_at desc, session
limit cast($limit as bigint);
