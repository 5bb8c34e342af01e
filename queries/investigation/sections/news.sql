-- A value is new when it turned up after the first days of the subject's own history, in the time that is looked at.
-- Hours count only for who is busy enough to have working hours.
with seen as (
  select dimension, value, min(event_time) as first_at, max(event_time) as last_at, count(*) as requests
  from subject_history
  cross join lateral (values
    ('principal', principal),
    ('bucket', bucket),
    ('network', source_network),
    ('action', action),
    ('error', error_code),
    ('user agent', user_agent),
    ('hour of the day', strftime(event_time, '%H:00 UTC'))
  ) as facts(dimension, value)
  where value is not null
    and not is_aws_service
  group by dimension, value
)
select dimension, value, first_at, last_at, requests
from seen
where first_at >= $from
  and first_at >= (select min(event_time) from subject_history) + to_days(cast($baseline_days as integer))
  and (
    dimension <> 'hour of the day'
    or (select count(*) from subject_history where event_time < first_at) >= 500
  )
order by first_at desc, dimension, value
limit 100
