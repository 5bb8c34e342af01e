/*---
title: Principals that fell silent
question: Who used S3 and has not for some days, so that their access may be taken away?
group: novelty
parameters:
  days: { description: "For how many days, counted back from the last hour of the logs.", default: 14 }
columns: { principal: ~, principal_kind: ~, first_hour: ~, last_hour: ~, silent_days: "Days from its last hour to that of the logs.", used_buckets: "The buckets that it used." }
example: { days: 2 }
---*/
select
  principal,
  principal_kind,
  min(hour) as first_hour,
  max(hour) as last_hour,
  date_diff('day', cast(max(hour) as date), (select cast(max(hour) as date) from activity_rows)) as silent_days,
  array_join(array_sort(array_agg(distinct bucket)), ', ') as used_buckets
from activity_rows
where not is_aws_service and not is_anonymous
group by principal, principal_kind
having max(hour) < (select max(hour) from activity_rows) - cast($days as integer) * interval '1' day
order by last_hour, principal;
