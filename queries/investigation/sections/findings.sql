with named as (
  select unnest(json_extract_string(body, '$.evidence[*].request_id')) as request_id, id
  from findings
),
evident as (
  select distinct id
  from named
  semi join subject_events on subject_events.request_id = named.request_id
)
select
  findings.severity,
  findings.title,
  findings.state,
  findings.principal,
  findings.bucket,
  findings.first_event_at as first_at,
  findings.last_event_at as last_at,
  findings.event_count as events,
  case when evident.id is not null then 'its requests are evidence' else 'names it' end as because,
  findings.detector,
  findings.id
from findings
left join evident on evident.id = findings.id
where evident.id is not null
  or findings.id in (select id from findings where $condition)
order by list_position(['critical', 'high', 'medium', 'low', 'info'], findings.severity), last_at desc, findings.id
limit 100
