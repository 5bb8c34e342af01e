/*---
title: Which log sees which bucket
question: Does the access log see each bucket, does CloudTrail, do both?
group: coverage
columns:
  bucket: ~
  seen_by: "both, access_log or cloudtrail."
  access_log_requests: Requests in the access log.
  cloudtrail_requests: Requests in CloudTrail.
  first_hour: ~
  access_log_until: Last hour in the access log; null when it is not there.
  cloudtrail_until: Last hour in CloudTrail; null when it is not there.
---*/
select
  bucket,
  case
    when count(distinct source) = 2 then 'both'
    else max(source)
  end as seen_by,
  cast(sum(case when source = 'access_log' then requests else 0 end) as bigint) as access_log_requests,
  cast(sum(case when source = 'cloudtrail' then requests else 0 end) as bigint) as cloudtrail_requests,
  min(hour) as first_hour,
  max(case when source = 'access_log' then hour end) as access_log_until,
  max(case when source = 'cloudtrail' then hour end) as cloudtrail_until
from activity_rows
where bucket is not null
group by bucket
order by bucket;
