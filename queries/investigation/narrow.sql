-- The rows of both logs that have to do with a subject: those that match, those of the other log with the same request id,
-- and the identity that CloudTrail gives to any of them. The views of both logs then read these tables.
create or replace temp table found_trail as
select *
from trail_matches
where event_time >= getvariable('history_from') and event_time < getvariable('history_to');

create or replace temp table narrow_log as
select *
from log_matches
where event_time >= getvariable('history_from') and event_time < getvariable('history_to');

insert into narrow_log
select *
from access_log_events
where request_id in (select request_id from found_trail)
  and row_id not in (select row_id from narrow_log);

create or replace temp table narrow_trail as
select * from found_trail
union all
select *
from cloudtrail_events
where request_id in (select request_id from narrow_log)
  and row_id not in (select row_id from found_trail);

create or replace temp table narrow_other as
select *
from other_matches
where event_time >= getvariable('history_from') and event_time < getvariable('history_to');

create or replace temp view access_log_events as select * from narrow_log;
create or replace temp view cloudtrail_events as select * from narrow_trail;
create or replace temp view other_service_events as select * from narrow_other;
