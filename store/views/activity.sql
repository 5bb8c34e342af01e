-- The rollups as detectors see them: additive rows of many files, summed.
create or replace temp view activity_history as
select
  hour, source, principal, kind_of_principal(principal) as principal_kind, principal_account_id, bucket, action_class,
  cast(sum("requests") as bigint) as requests, cast(sum(errors) as bigint) as errors, cast(sum(bytes_out) as bigint) as bytes_out,
  cast(sum(bytes_in) as bigint) as bytes_in, is_anonymous, is_aws_service
from read_parquet(getvariable('activity_files'))
group by hour, source, principal, principal_account_id, bucket, action_class, is_anonymous, is_aws_service;

-- The greater of what the two logs counted: a request that both saw is in both rollups.
create or replace temp macro greater_of_logs(source, number) as cast(greatest(
  sum(case when source = 'access_log' then number else 0 end),
  sum(case when source = 'cloudtrail' then number else 0 end)
) as bigint);

-- What was asked in an hour, of whichever log saw more of it. Summed from the rows of the files at once, because activity_history keeps
-- apart more than is asked here.
create or replace temp view activity_by_hour as
select
  hour, principal, kind_of_principal(principal) as principal_kind, bucket, action_class, greater_of_logs(source, "requests") as requests,
  greater_of_logs(source, errors) as errors, greater_of_logs(source, bytes_out) as bytes_out, greater_of_logs(source, bytes_in) as bytes_in
from read_parquet(getvariable('activity_files'))
group by hour, principal, bucket, action_class;

-- What activity_by_hour is where there is one log only: nothing is compared.
create or replace temp view separate_activity_by_hour as
select
  hour, principal, kind_of_principal(principal) as principal_kind, bucket, action_class, cast(sum("requests") as bigint) as requests,
  cast(sum(errors) as bigint) as errors, cast(sum(bytes_out) as bigint) as bytes_out, cast(sum(bytes_in) as bigint) as bytes_in
from read_parquet(getvariable('activity_files'))
group by hour, principal, bucket, action_class;

create or replace temp view sightings_history as
select
  day, source, dimension, entity, value, cast(sum(events) as bigint) as events,
  min(first_event_at) as first_event_at, max(last_event_at) as last_event_at
from read_parquet(getvariable('sightings_files'))
group by day, source, dimension, entity, value;
