/*---
title: Cost of requests
question: What do the requests to each bucket cost, roughly?
group: cost
note: Every byte counts as one that goes to the internet, which those within the Region do not; storage, retrieval and KMS are left out, and deletes are free.
parameters:
  write_price: { description: "US dollars for 1,000 PUT, COPY, POST and LIST requests.", default: 0.005 }
  read_price: { description: "US dollars for 1,000 GET and other requests.", default: 0.0004 }
  gb_price: { description: "US dollars for a GB (10^9 bytes) out.", default: 0.09 }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns:
  bucket: ~
  write_requests: "PUT, COPY, POST and LIST requests."
  read_requests: GET and other requests.
  bytes_out: ~
  request_dollars: Price of the requests.
  transfer_dollars: Price of the bytes.
  dollars: Both together.
---*/
with
by_hour as (
  select
    hour, principal, bucket, action_class,
    greatest(
      sum(case when source = 'access_log' then requests else 0 end),
      sum(case when source = 'cloudtrail' then requests else 0 end)
    ) as requests,
    greatest(
      sum(case when source = 'access_log' then bytes_out else 0 end),
      sum(case when source = 'cloudtrail' then bytes_out else 0 end)
    ) as bytes_out
  from activity_rows
  where bucket is not null
    and action_class <> 'delete'
    and not (is_aws_service and action_class = 'other')
    and cast(hour as date) between cast($from as date) and cast($to as date)
  group by hour, principal, bucket, action_class
),
totals as (
  select
    bucket,
    cast(sum(case when action_class in ('read', 'other') then 0 else requests end) as bigint) as write_requests,
    cast(sum(case when action_class in ('read', 'other') then requests else 0 end) as bigint) as read_requests,
    cast(sum(bytes_out) as bigint) as bytes_out
  from by_hour
  group by bucket
),
priced as (
  select
    bucket, write_requests, read_requests, bytes_out,
    (write_requests * cast($write_price as double) + read_requests * cast($read_price as double)) / 1000 as request_dollars,
    bytes_out * cast($gb_price as double) / 1e9 as transfer_dollars
  from totals
)
select
  bucket,
  write_requests,
  read_requests,
  bytes_out,
  round(request_dollars, 4) as request_dollars,
  round(transfer_dollars, 4) as transfer_dollars,
  round(request_dollars + transfer_dollars, 4) as dollars
from priced
order by dollars desc, bucket;
