-- The rollups of many files as they are: additive rows. Summing them first costs more than most questions about them.
create or replace temp view activity_rows as
select
  hour, source, principal, kind_of_principal(principal) as principal_kind, principal_account_id, bucket, action_class,
  "requests", errors, bytes_out, bytes_in, is_anonymous, is_aws_service
from read_parquet(getvariable('activity_files'));

-- The same, a row for each hour, log, caller, bucket and class.
create or replace temp view activity_history as
select
  hour, source, principal, kind_of_principal(principal) as principal_kind, principal_account_id, bucket, action_class,
  cast(sum("requests") as bigint) as requests, cast(sum(errors) as bigint) as errors, cast(sum(bytes_out) as bigint) as bytes_out,
  cast(sum(bytes_in) as bigint) as bytes_in, is_anonymous, is_aws_service
from read_parquet(getvariable('activity_files'))
group by hour, source, principal, principal_account_id, bucket, action_class, is_anonymous, is_aws_service;

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
