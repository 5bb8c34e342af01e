/*---
title: KMS keys of buckets
question: Which KMS keys did S3 use for which bucket, since when and until when?
group: encryption
note: KMS's own events in CloudTrail say it; with a bucket key S3 asks KMS rarely.
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
columns: { bucket: ~, kms_key: "ARN of the key.", requests: "Requests to KMS.", active_days: "Number of days with such requests.", first_at: ~, last_at: ~ }
---*/
select
  value as bucket,
  entity as kms_key,
  cast(sum(events) as bigint) as requests,
  count(distinct day) as active_days,
  min(first_event_at) as first_at,
  max(last_event_at) as last_at
from sightings_history
where dimension = 'kms-key-bucket' and $bucket in ('', value)
group by value, entity
order by bucket, first_at, kms_key;
