/*---
title: Encryption with keys of callers
question: Who writes objects under keys of their own (SSE-C), which nobody else can read, and into which buckets?
group: encryption
note: A bucket and a principal stand in rows of their own; CloudTrail says it.
columns: { kind: "bucket or principal.", name: "The bucket or the principal.", requests: "Number of such requests.", active_days: "Number of days with such requests.", first_at: ~, last_at: ~ }
---*/
select
  case dimension when 'bucket-encryption' then 'bucket' else 'principal' end as kind,
  entity as name,
  cast(sum(events) as bigint) as requests,
  count(distinct day) as active_days,
  min(first_event_at) as first_at,
  max(last_event_at) as last_at
from sightings_history
where dimension in ('bucket-encryption', 'principal-encryption')
group by dimension, entity
order by kind, first_at, name;
