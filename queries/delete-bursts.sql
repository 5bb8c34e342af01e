/*---
title: Hours with many deletes
question: In which hours did somebody delete far more than usual?
group: deletion
parameters:
  min: { description: "At least so many deletes in an hour.", default: 20 }
  limit: { description: Rows., default: 50 }
columns:
  hour: ~
  principal: ~
  bucket: ~
  deletes: ~
  failed: ~
  other_hours: Number of other hours in which the principal deleted in this bucket.
  greatest_other: The most deletes in one of those; null when there is none.
---*/
with
compared as (
  select
    hour, principal, bucket, requests, errors,
    count(*) over (partition by principal, bucket) - 1 as other_hours,
    max(requests) over (
      partition by principal, bucket
      order by requests, hour
      rows between unbounded preceding and 1 preceding
    ) as greatest_below,
    max(requests) over (
      partition by principal, bucket
      order by requests, hour
      rows between 1 following and unbounded following
    ) as greatest_above
  from activity_by_hour
  where action_class = 'delete'
)
select
  hour,
  principal,
  bucket,
  cast(requests as bigint) as deletes,
  cast(errors as bigint) as failed,
  other_hours,
  cast(coalesce(greatest_above, greatest_below) as bigint) as greatest_other
from compared
where requests >= cast($min as integer)
order by requests desc, hour, principal, bucket
limit cast($limit as bigint);
