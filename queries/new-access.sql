/*---
title: Access that is new
question: Who uses a bucket in a way in which they never used it before the last days of the logs?
group: novelty
parameters:
  days: { description: "How many days, counted back from the last hour of the logs.", default: 7 }
columns:
  principal: ~
  bucket: ~
  action_class: ~
  first_hour: ~
  last_hour: ~
  is_new_principal: True when the principal itself was not seen before.
  is_new_in_bucket: True when the principal did not use the bucket at all before.
---*/
with
uses as (
  select principal, bucket, action_class, min(hour) as first_hour, max(hour) as last_hour
  from activity_rows
  where bucket is not null and not is_aws_service
  group by principal, bucket, action_class
),
firsts as (
  select
    principal, bucket, action_class, first_hour, last_hour,
    min(first_hour) over (partition by principal) as principal_first_hour,
    min(first_hour) over (partition by principal, bucket) as in_bucket_first_hour
  from uses
),
period as (
  select max(hour) - cast($days as integer) * interval '1' day as start from activity_rows
)
select
  principal,
  bucket,
  action_class,
  first_hour,
  last_hour,
  principal_first_hour > period.start as is_new_principal,
  in_bucket_first_hour > period.start as is_new_in_bucket
from firsts
cross join period
where first_hour > period.start
order by first_hour desc, principal, bucket, action_class;
