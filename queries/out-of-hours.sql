/*---
title: Access outside working hours
question: Who works at night or on the weekend?
group: volume
note: Hours are UTC. Jobs work at night as well; principals with many active nights have that rhythm.
parameters:
  first_hour: { description: "First working hour of the day, 0 to 23, UTC.", default: 6 }
  last_hour: { description: "Last working hour of the day, 0 to 23, UTC.", default: 18 }
  bucket: { description: "Name of the bucket; empty is all.", default: "" }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns: { principal: ~, requests: "Requests outside working hours; one that both logs saw counts once.", bytes_out: ~, active_days: "Number of days with such requests.", usual_requests: "Requests within working hours.", first_hour: ~, last_hour: ~ }
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
    ) as bytes_out,
    extract(hour from hour) between cast($first_hour as integer) and cast($last_hour as integer) and date_diff('day', date '2024-01-01', cast(hour as date)) % 7 not in (5, 6) as is_usual
  from activity_rows
  where $bucket in ('', bucket)
    and not is_aws_service
    and cast(hour as date) between cast($from as date) and cast($to as date)
  group by hour, principal, bucket, action_class
)
select
  principal,
  cast(sum(case when is_usual then 0 else requests end) as bigint) as requests,
  cast(sum(case when is_usual then 0 else bytes_out end) as bigint) as bytes_out,
  count(distinct cast(hour as date)) filter (where not is_usual) as active_days,
  cast(sum(case when is_usual then requests else 0 end) as bigint) as usual_requests,
  min(hour) filter (where not is_usual) as first_hour,
  max(hour) filter (where not is_usual) as last_hour
from by_hour
group by principal
having sum(case when is_usual then 0 else requests end) > 0
order by bytes_out desc, requests desc, principal;
