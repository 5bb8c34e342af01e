/*---
title: Who used presigned links
question: From which addresses was a presigned link used, and which were passed on?
group: exposure
parameters:
  networks: { description: "Only objects whose links were used from at least so many networks.", default: 1 }
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  limit: { description: Rows., default: 200 }
columns: { bucket: ~, key: ~, principal: "The signer of the links.", source_ip: ~, user_agent: "The last user agent of the address.", link_networks: "Networks that links of this signer to this object were used from.", requests: ~, failed: ~, bytes_out: ~, first_at: ~, last_at: ~ }
---*/
with
uses as (
  select bucket, key, principal, source_ip, source_network, user_agent, is_success, bytes_out, event_time, row_id
  from s3_events
  where authentication_type = 'QueryString' and key is not null and $bucket in ('', bucket)
),
links as (
  select bucket, key, principal, count(distinct source_network) as networks
  from uses
  group by bucket, key, principal
  having count(distinct source_network) >= cast($networks as integer)
)
select
  uses.bucket,
  uses.key,
  uses.principal,
  uses.source_ip,
  max_by(uses.user_agent, row(uses.event_time, uses.row_id)) as user_agent,
  max(links.networks) as link_networks,
  count(*) as requests,
  count(*) filter (where not uses.is_success) as failed,
  cast(coalesce(sum(uses.bytes_out), 0) as bigint) as bytes_out,
  min(uses.event_time) as first_at,
  max(uses.event_time) as last_at
from uses
join links on links.bucket = uses.bucket and links.key = uses.key and links.principal = uses.principal
group by uses.bucket, uses.key, uses.principal, uses.source_ip
order by link_networks desc, uses.bucket, uses.key, uses.principal, first_at, uses.source_ip
limit cast($limit as bigint);
