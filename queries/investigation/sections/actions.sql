select
  bucket,
  action,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  coalesce(sum(bytes_out), 0)::bigint as bytes_out,
  count(distinct key) as keys,
  min(event_time) as first_at,
  max(event_time) as last_at
from subject_events
group by bucket, action
order by requests desc, bucket, action
limit 100
