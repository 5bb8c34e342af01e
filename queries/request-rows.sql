/*---
title: A request in both logs
question: What do the logs say about this request, and where is it written?
group: activity
parameters:
  request_id: { description: "The request id, which is the same in both logs.", default: "" }
columns:
  log: access_log or cloudtrail.
  event_time: When the request was made or completed, UTC.
  call: Operation of the access log, or event name of CloudTrail.
  bucket: ~
  key: ~
  principal: ~
  source_ip: ~
  status: HTTP status; null in CloudTrail.
  error_code: ~
  log_uri: ~
  log_line: ~
example: { request_id: 00Z8XW7A8KMSK4YE }
---*/
select
  'access_log' as log, event_time, operation as call, bucket, key, principal, remote_ip as source_ip,
  cast(http_status as integer) as status, error_code, log_uri, log_line
from s3_access_log
where request_id = $request_id
union all
select
  'cloudtrail', event_time, event_name, bucket, key, principal, source_ip_address, cast(null as integer), error_code, log_uri, log_index
from cloudtrail
where request_id = $request_id
order by log, log_uri, log_line;
