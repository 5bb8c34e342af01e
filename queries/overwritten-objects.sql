/*---
title: Objects that several wrote
question: Which objects were overwritten by somebody else than the one who wrote them first?
group: deletion
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
  limit: { description: Rows., default: 200 }
columns:
  bucket: ~
  key: ~
  writes: ~
  principals: ~
  first_principal: Who wrote it first.
  last_principal: Who wrote it last.
  first_at: ~
  last_at: ~
---*/
with
writers as (
  select bucket, key, principal, count(*) as writes, min(event_time) as first_at, max(event_time) as last_at
  from s3_events
  -- By operation where there is one, and the action of each row need not be worked out; regexp_extract is asked once for each value
  -- of a dictionary in the files, where in is asked of every row.
  where (operation is null or regexp_extract(operation, '^(REST.PUT.OBJECT|REST.POST.OBJECT|REST.COPY.OBJECT|REST.POST.UPLOAD)$', 1) <> '')
    and coalesce(operation, action) in (
      'REST.PUT.OBJECT', 'REST.POST.OBJECT', 'REST.COPY.OBJECT', 'REST.POST.UPLOAD',
      'PutObject', 'PostObject', 'CopyObject', 'CompleteMultipartUpload'
    )
    and is_success
    and $bucket in ('', bucket)
    and dt between cast($from as date) and cast($to as date)
  group by bucket, key, principal
)
select
  bucket,
  key,
  cast(sum(writes) as bigint) as writes,
  count(*) as principals,
  min_by(principal, row(first_at, principal)) as first_principal,
  max_by(principal, row(last_at, principal)) as last_principal,
  min(first_at) as first_at,
  max(last_at) as last_at
from writers
-- Not asked of the rows, which would read the keys of all requests first.
where key is not null
  and (bucket, key) in (select bucket, key from writers group by bucket, key having count(*) > 1)
group by bucket, key
order by last_at desc, bucket, key
limit cast($limit as bigint);
