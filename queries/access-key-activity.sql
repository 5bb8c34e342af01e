/*---
title: What an access key did
question: What was signed with this access key, from where?
group: activity
note: Only CloudTrail knows access keys; requests that only the access log saw are missing.
parameters:
  access_key: { description: "The access key id, AKIA… or ASIA….", default: "" }
columns: { principal: ~, bucket: ~, action: ~, source_ip: ~, requests: ~, failed: ~, bytes_out: ~, first_at: ~, last_at: ~ }
example: { access_key: AKIAUL5DDLPF6EXAMPLE }
---*/
select
  principal,
  bucket,
  action,
  source_ip,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where access_key_id = $access_key
group by principal, bucket, action, source_ip
order by first_at, principal, bucket, action, source_ip;
