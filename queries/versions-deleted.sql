/*---
title: Versions that were deleted
question: Who deleted versions of objects, which a plain delete would have kept?
group: deletion
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { bucket: ~, principal: ~, versions: "Number of deleted versions.", keys: ~, addresses: ~, first_at: ~, last_at: ~ }
---*/
select
  bucket,
  principal,
  count(*) as versions,
  count(distinct key) as keys,
  count(distinct source_ip) as addresses,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where action_class = 'delete'
  and version_id is not null
  and is_success
  and $bucket in ('', bucket)
  and dt between cast($from as date) and cast($to as date)
group by bucket, principal
order by versions desc, bucket, principal;
