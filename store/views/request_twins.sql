-- Who made the requests that both logs saw, and with what, by request id.
create or replace temp view request_identities as
select
  request_id,
  any_value(account_id) as account_id,
  any_value(region) as region,
  any_value(principal) as principal,
  any_value(principal_raw) as principal_raw,
  any_value(user_identity_account_id) as user_identity_account_id,
  any_value(access_key_id) as access_key_id,
  any_value(bytes_in) as bytes_in
from cloudtrail_events
where request_id is not null
group by request_id;

-- Requests of the access log that CloudTrail has as well: the id and the action are enough to know them. A copy has one id in the
-- logs of both buckets.
create or replace temp view request_twins as
select log.request_id, action_of_operation(log.operation, log.has_key) as action
from read_parquet(getvariable('access_log_files'), hive_partitioning = true) as log
where coalesce(log.operation, '') <> 'BATCH.DELETE.OBJECT'
  and log.request_id in (select request_id from cloudtrail_events where request_id is not null);

-- But for the keys of a batch delete, which share one id.
create or replace temp view batch_twins as
select log.request_id, log.key
from read_parquet(getvariable('access_log_files'), hive_partitioning = true) as log
where log.operation = 'BATCH.DELETE.OBJECT'
  and log.request_id in (select request_id from cloudtrail_events where action = 'DeleteObject');
