-- The principals of the whole history, to the hour; a request that both logs saw counts in each.
select
  'principal' as dimension,
  principal as value,
  min(hour) as first_at,
  max(hour) as last_at,
  sum(requests)::bigint as requests
from activity_rows
where $condition
  and principal is not null
  and not is_aws_service
group by principal
having min(hour) >= $from
  and min(hour) >= (select min(hour) from activity_rows where $condition) + to_days(cast($baseline_days as integer))
order by first_at desc, value
limit 100
