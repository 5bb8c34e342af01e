/*---
title: Requests without TLS
question: Who reaches buckets over plain HTTP, or a version of TLS below the least one?
group: channel
note: Of requests that only CloudTrail saw without TLS details nothing is said.
parameters:
  min: { description: "The least version that is well, such as TLSv1.2.", default: TLSv1.2 }
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
columns: { bucket: ~, principal: ~, tls: "Version of TLS, or plain HTTP.", requests: ~, failed: ~, addresses: ~, bytes_out: ~, first_at: ~, last_at: ~ }
---*/
select
  bucket,
  principal,
  coalesce(tls_version, 'plain HTTP') as tls,
  count(*) as requests,
  count(*) filter (where not is_success) as failed,
  count(distinct source_ip) as addresses,
  cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
  min(event_time) as first_at,
  max(event_time) as last_at
from s3_events
where not is_aws_service
  and $bucket in ('', bucket)
  and (
    tls_version < $min
    or tls_version is null
      and cipher_suite is null
      and source = 'access_log'
      and source_ip is not null
      and event_time >= timestamp '2020-01-01 00:00:00'
      and regexp_like(operation, '^(REST|WEBSITE)[.]')
      and operation not in ('REST.COPY.OBJECT_GET', 'REST.COPY.PART_GET')
  )
group by bucket, principal, coalesce(tls_version, 'plain HTTP')
order by requests desc, bucket, principal, tls;
