/*---
title: Refused first, allowed later
question: Who was refused at first and got through later, without ever having succeeded before?
group: errors
parameters:
  days: { description: "Days that may lie between the first refusal and the first success.", default: 30 }
  from: { description: First day., default: "1970-01-01" }
  to: { description: Last day., default: "9999-12-31" }
columns:
  principal: ~
  bucket: ~
  action: ~
  refusals: Number of refused requests, later ones too.
  successes: Number of requests that succeeded.
  first_refused_at: "First refusal, UTC."
  first_success_at: "First success, UTC."
---*/
with
-- Alike requests are counted before they are judged: there are far fewer kinds of them than requests.
attempts as (
  select
    principal,
    bucket,
    action,
    is_success,
    status,
    error_code,
    count(*) as requests,
    min(event_time) as first_at
  from s3_events
  where bucket is not null
    and not is_aws_service
    and dt between cast($from as date) and cast($to as date)
  group by principal, bucket, action, is_success, status, error_code
),
judged as (
  select
    *,
    not is_success and (coalesce(status, 0) in (401, 403) or coalesce(error_code, '') in ('AccessDenied', 'Forbidden')) as is_refused
  from attempts
),
totals as (
  select
    principal,
    bucket,
    action,
    sum(case when is_refused then requests else 0 end) as refusals,
    sum(case when is_success then requests else 0 end) as successes,
    min(case when is_refused then first_at end) as first_refused_at,
    min(case when is_success then first_at end) as first_success_at
  from judged
  group by principal, bucket, action
)
select
  principal,
  bucket,
  action,
  cast(refusals as bigint) as refusals,
  cast(successes as bigint) as successes,
  first_refused_at,
  first_success_at
from totals
where first_success_at >= first_refused_at
  and first_success_at <= first_refused_at + cast($days as integer) * interval '1' day
order by first_success_at desc, principal, bucket, action;
