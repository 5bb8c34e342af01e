-- Denied: requests outside the hours. Variables: preview_time_zone, preview_days (list of 1 Monday to 7 Sunday),
-- preview_start_minute and preview_end_minute (of the local day; an end before the start means overnight).
create or replace temp view preview_judged as
with
clocks as (
  select requests.*, timezone(getvariable('preview_time_zone'), timezone('UTC', event_time)) as local_time
  from preview_requests as requests
),
minutes as (
  select
    *,
    hour(local_time) * 60 + minute(local_time) as local_minute,
    cast(isodow(local_time) as varchar) as local_day,
    cast(isodow(local_time - interval 1 day) as varchar) as day_before,
    getvariable('preview_start_minute') as start_minute,
    getvariable('preview_end_minute') as end_minute
  from clocks
)
select
  * exclude (local_time, local_minute, local_day, day_before, start_minute, end_minute),
  coalesce(frame_reason, case
    when is_service_principal then 'aws-service'
    when is_via_service then 'via-service'
    when list_contains(getvariable('preview_break_glass'), principal) then 'break-glass'
    when start_minute < end_minute and local_minute >= start_minute and local_minute < end_minute
      and list_contains(getvariable('preview_days'), local_day) then 'within-hours'
    when start_minute > end_minute and local_minute >= start_minute
      and list_contains(getvariable('preview_days'), local_day) then 'within-hours'
    when start_minute > end_minute and local_minute < end_minute
      and list_contains(getvariable('preview_days'), day_before) then 'within-hours'
    else 'outside-hours'
  end) as reason
from minutes;
