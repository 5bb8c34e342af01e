/*---
title: When buckets were used
question: Since when and until when is each bucket used, by how many?
group: novelty
note: Counted from hourly rollups of each log, of which the greater number holds; a caller of another account, or root, whom the two logs name differently stands there under both names.
columns:
  bucket: ~
  first_hour: ~
  last_hour: ~
  last_read_hour: Hour of the last read; null when there was none.
  last_write_hour: Hour of the last write; null when there was none.
  principals: ~
  requests: ~
---*/
select
  bucket,
  min(hour) as first_hour,
  max(hour) as last_hour,
  max(hour) filter (where action_class = 'read') as last_read_hour,
  max(hour) filter (where action_class = 'write') as last_write_hour,
  count(distinct principal) as principals,
  cast(sum(requests) as bigint) as requests
from activity_by_hour
where bucket is not null
group by bucket
order by bucket;
