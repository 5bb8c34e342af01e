/*---
title: Access to log buckets
question: Who reads, writes, deletes or changes in the buckets that hold logs?
group: exposure
note: Log buckets are those that log services write to, and those that logging and trails were set to in the logs; name others.
parameters:
  bucket: { description: "A further log bucket.", default: "" }
columns: { bucket: ~, principal: ~, action_class: ~, requests: ~, failed: ~, keys: ~, addresses: ~, first_at: ~, last_at: ~ }
---*/
with
log_buckets as (
  select bucket
  from activity_rows
  where action_class = 'write'
    and principal in ('service:cloudtrail.amazonaws.com', 'service:logging.s3.amazonaws.com', 'service:delivery.logs.amazonaws.com')
  union
  select regexp_extract(request_parameters, '"TargetBucket":\[?"([^"]*)"', 1)
  from cloudtrail
  where event_name = 'PutBucketLogging' and error_code is null and error_message is null
  union
  select json_extract_scalar(request_parameters, '$.s3BucketName')
  from cloudtrail
  where event_name in ('CreateTrail', 'UpdateTrail') and error_code is null and error_message is null
  union
  select $bucket
)
select
  bucket,
  principal,
  action_class,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  count(distinct key) as keys,
  count(distinct source_ip) as addresses,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where bucket in (select bucket from log_buckets where bucket <> '')
  and not is_aws_service
group by bucket, principal, action_class
order by
  case action_class when 'delete' then 0 when 'permission' then 1 when 'config' then 2 when 'write' then 3 else 4 end,
  requests desc, bucket, principal, action_class;
