/*---
title: TLS versions
question: Over which versions of TLS, or none, is each bucket reached?
group: channel
note: Access logs older than 2020 do not state TLS, nor do both logs for work of AWS services, which is left out.
parameters:
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { bucket: ~, tls: "TLSv1.2, TLSv1.3 and the like, plain HTTP, or not stated.", requests: ~, principals: ~, first_at: ~, last_at: ~ }
---*/
select
  bucket,
  case
    when tls_version is not null then tls_version
    when cipher_suite is not null then 'not stated'
    when source = 'access_log'
      and source_ip is not null
      and event_time >= timestamp '2020-01-01 00:00:00'
      and regexp_like(operation, '^(REST|WEBSITE)[.]')
      and operation not in ('REST.COPY.OBJECT_GET', 'REST.COPY.PART_GET') then 'plain HTTP'
    else 'not stated'
  end as tls,
  count(*) as requests,
  count(distinct principal) as principals,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where not is_aws_service
  and bucket is not null
  and $bucket in ('', bucket)
  and dt between cast($from as date) and cast($to as date)
group by 1, 2
order by bucket, tls;
