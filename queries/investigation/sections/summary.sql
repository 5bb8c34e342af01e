select
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  coalesce(sum(bytes_out), 0)::bigint as bytes_out,
  coalesce(sum(bytes_in), 0)::bigint as bytes_in,
  min(event_time) as first_at,
  max(event_time) as last_at,
  count(distinct cast(event_time as date)) as active_days,
  count(distinct bucket) as buckets,
  count(distinct principal) as principals,
  count(distinct source_ip) as addresses,
  count(distinct source_network) as networks,
  count(distinct access_key_id) as access_keys
from subject_events
