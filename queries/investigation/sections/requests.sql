select
  event_time,
  action,
  bucket,
  key,
  status,
  error_code,
  principal,
  source_ip,
  request_id,
  row_id
from subject_events
order by event_time desc, row_id
limit 100
