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
users as (
  select
    bucket,
    key,
    principal,
    source_ip,
    max(source_network) as source_network,
    max_by(user_agent, row(event_time, user_agent)) as user_agent,
    count(*) as requests,
    count(*) filter (where not is_success) as failed,
    cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
    min(event_time) as first_at,
    max(event_time) as last_at
  from s3_events
  where authentication_type = 'QueryString' and key is not null and $bucket in ('', bucket)
  group by bucket, key, principal, source_ip
),
links as (
  select bucket, key, principal, count(distinct source_network) as networks
  from users
  group by bucket, key, principal
  having count(distinct source_network) >= cast($networks as integer)
)
select
  users.bucket,
  users.key,
  users.principal,
  users.source_ip,
  users.user_agent,
  links.networks as link_networks,
  users.requests,
  users.failed,
  users.bytes_out,
  users.first_at,
  users.last_at
from users
join links on links.bucket = users.bucket and links.key = users.key and links.principal = users.principal
order by link_networks desc, users.bucket, users.key, users.principal, first_at, users.source_ip
limit cast($limit as bigint);
