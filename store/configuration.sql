-- What new CloudTrail rows say about the configuration of buckets and trails, and which hours gained rows.
-- Runs in the catalog's transaction; the variable cloudtrail_files names the new files.

create or replace temp macro is_of_configuration(event_name) as event_name in (
  'PutBucketLogging', 'PutBucketPublicAccessBlock', 'DeleteBucketPublicAccessBlock', 'PutPublicAccessBlock',
  'DeletePublicAccessBlock', 'PutAccountPublicAccessBlock',
  'DeleteAccountPublicAccessBlock', 'PutBucketPolicy', 'DeleteBucketPolicy', 'PutBucketAcl', 'PutBucketVersioning',
  'PutBucketEncryption', 'DeleteBucketEncryption', 'PutBucketLifecycle', 'PutBucketLifecycleConfiguration',
  'DeleteBucketLifecycle', 'PutBucketReplication', 'DeleteBucketReplication', 'PutBucketObjectLockConfiguration',
  'PutObjectLockConfiguration', 'CreateAccessPoint', 'DeleteAccessPoint', 'PutAccessPointPolicy',
  'PutMultiRegionAccessPointPolicy', 'PutAccessPointPolicyForObjectLambda',
  'PutBucketOwnershipControls', 'DeleteBucketOwnershipControls', 'CreateBucket', 'DeleteBucket', 'CreateTrail', 'UpdateTrail',
  'DeleteTrail', 'StartLogging', 'StopLogging', 'PutEventSelectors'
);

-- Most files of a busy bucket have no such row, and DuckDB reads the large columns of a file for nothing then. A list must not be empty.
set variable configuration_files = (
  select coalesce(list(distinct filename), getvariable('cloudtrail_files')[1:1])
  from read_parquet(getvariable('cloudtrail_files'), filename = true)
  where is_of_configuration(event_name)
);

insert into configuration
select
  event_time,
  event_name,
  coalesce(bucket_account_id, recipient_account_id) as account_id,
  aws_region,
  coalesce(bucket, try(json_extract_string(request_parameters, '$.trailName')), try(json_extract_string(request_parameters, '$.name'))) as resource,
  request_parameters as parameters,
  log_uri || '#' || cast(log_index as varchar) as row_id
from read_parquet(getvariable('configuration_files'))
where error_code is null and error_message is null
  and is_of_configuration(event_name);

insert into pending_hours
select hour, $run_id from access_log_groups
union
select date_trunc('hour', event_time), $run_id from read_parquet(getvariable('cloudtrail_files'));
