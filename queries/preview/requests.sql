-- What previews judge and least-privilege policies are made of: one row a request of the buckets and the period, with what either log says about it. A request that
-- both logs saw is the access-log row with CloudTrail's identity, endpoint and headers.
-- Variables: preview_buckets (list, empty for all), preview_from and preview_to (timestamps, the end not included).
create or replace temp view preview_trail as
select
  trail.request_id,
  trail.event_time,
  trail.bucket,
  trail.key,
  trail.event_name as action,
  class_of_event(trail.event_name) as action_class,
  trail.principal,
  coalesce(account_of_principal(trail.principal),
    case when regexp_matches(trail.user_identity_account_id, '^[0-9]{12}$') then trail.user_identity_account_id end) as caller_account,
  trail.source_ip_address as source_ip,
  trail.user_agent,
  trail.error_code is null and trail.error_message is null as is_success,
  trail.tls_version,
  trail.cipher_suite,
  -- Since 2019 the data events of S3 name the cipher beside the bytes that they always name.
  trail.bytes_in is not null and trail.event_time >= timestamp '2020-01-01' as has_transfer_facts,
  trail.host_header,
  trail.vpc_endpoint_id,
  trail.user_identity_type = 'AWSService' as is_service_principal,
  coalesce(trail.user_identity_type, '') <> 'AWSService'
    and (coalesce(ends_with(trail.user_identity_invoked_by, '.amazonaws.com'), false)
      or coalesce(regexp_matches(trail.source_ip_address, '[.]amazonaws[.]com([.]cn)?$'), false)) as is_via_service,
  trail.resources,
  trail.request_parameters as parameters,
  json_extract_string(trail.request_parameters, '$.versionId') as version_id,
  json_extract_string(trail.response_elements, '$."x-amz-server-side-encryption-aws-kms-key-id"') as applied_key,
  trail.sse_applied,
  -- Said since 2023, and only when an ACL was required: a data event of later that does not say it required none.
  case
    when lower(json_extract_string(trail.additional_event_data, '$.aclRequired')) = 'yes' then true
    when trail.bytes_in is not null and trail.event_time >= timestamp '2024-01-01' then false
  end as acl_required,
  trail.bytes_in,
  trail.bytes_out,
  trail.bucket_account_id,
  trail.recipient_account_id,
  trail.aws_region as region,
  trail.shared_event_id,
  trail.event_id,
  trail.user_identity_arn,
  trail.log_uri || '#' || cast(trail.log_index as varchar) as row_id,
  trail.dt
from cloudtrail as trail
where is_s3_source(trail.event_source)
  and trail.dt between cast(getvariable('preview_from') as date) and cast(getvariable('preview_to') as date)
  and trail.event_time >= getvariable('preview_from')
  and trail.event_time < getvariable('preview_to');

-- CloudTrail's facts by request id. The caller's and the owner's record of one call are joined here, too.
create or replace temp view preview_trail_facts as
select
  request_id,
  coalesce(max(principal) filter (where user_identity_arn is not null), max(principal)) as principal,
  max(caller_account) as caller_account,
  max(source_ip) as source_ip,
  max(tls_version) as tls_version,
  max(cipher_suite) as cipher_suite,
  max(host_header) as host_header,
  max(vpc_endpoint_id) as vpc_endpoint_id,
  coalesce(bool_or(is_service_principal), false) as is_service_principal,
  coalesce(bool_or(is_via_service), false) as is_via_service,
  max(resources) as resources,
  max(parameters) as parameters,
  max(sse_applied) as sse_applied,
  max(applied_key) as applied_key,
  bool_or(acl_required) as acl_required,
  max(bytes_in) as bytes_in,
  bool_or(action = 'DeleteObjects') as is_batch_delete
from preview_trail
where request_id is not null
group by request_id;

create or replace temp view preview_log as
select log.*, action_of_operation(log.operation, log.has_key) as action,
  class_of_operation(log.operation) as action_class,
  -- A column of its own: a join with a condition beside the equality compares every line with every copy.
  case when log.operation in ('REST.COPY.OBJECT_GET', 'REST.COPY.PART_GET') then log.request_id end as copy_request_id
from s3_access_log as log
where log.dt between cast(getvariable('preview_from') as date) and cast(getvariable('preview_to') as date)
  and log.event_time >= getvariable('preview_from')
  and log.event_time < getvariable('preview_to');

-- The lines of requests that CloudTrail has, too: few, beside all lines.
create or replace temp view preview_twins as
select request_id, action, bucket, case when action = 'DeleteObject' then key end as deleted_key
from preview_log
where request_id in (select request_id from preview_trail where request_id is not null);

-- The source side of a copy says little about its request; the line of the copy itself, often in another bucket's log, does.
create or replace temp view preview_copies as
select request_id, max(tls_version) as tls_version, max(cipher_suite) as cipher_suite, max(host_header) as host_header,
  max(host_id) as host_id
from preview_log
where operation in ('REST.COPY.OBJECT', 'REST.COPY.PART')
group by request_id;

create or replace temp view preview_requests as
with
from_log as (
  select
    'access_log' as source,
    facts.request_id is not null as has_trail,
    log.event_time, log.bucket, log.key, log.action, log.action_class, log.operation,
    coalesce(facts.principal, log.principal) as principal,
    coalesce(account_of_principal(coalesce(facts.principal, log.principal)), facts.caller_account) as caller_account,
    log.requester is not null and log.requester = log.bucket_owner as is_owner,
    coalesce(log.remote_ip, facts.source_ip) as source_ip, log.user_agent,
    case
      when log.operation = 'BATCH.DELETE.OBJECT' then 'part'
      when starts_with(log.operation, 'S3.') then 'lifecycle'
      when log.operation = 'REST.OPTIONS.PREFLIGHT' then 'preflight'
      when log.operation = 'REST.PUT.BUCKET' then 'bucket-created'
      when not coalesce(log.http_status between 200 and 299 or log.http_status = 304, log.error_code is null) then 'failed-already'
    end as frame_reason,
    coalesce(log.http_status between 200 and 299 or log.http_status = 304, log.error_code is null) as is_success,
    coalesce(log.tls_version, facts.tls_version, copy.tls_version) as tls_version,
    coalesce(log.cipher_suite, facts.cipher_suite, copy.cipher_suite) as cipher_suite,
    coalesce(log.host_id, log.host_header, copy.host_id) is not null as has_transfer_facts,
    coalesce(log.host_header, facts.host_header, copy.host_header) as host_header,
    log.authentication_type,
    log.access_point_arn, facts.resources,
    -- The 26th field is never blank, so a line that has it has the 25th, too.
    log.acl_required is not null as has_access_point_field,
    coalesce(log.acl_required, facts.acl_required) as acl_required,
    facts.vpc_endpoint_id,
    starts_with(log.principal, 'service:') or coalesce(facts.is_service_principal, false) as is_service_principal,
    coalesce(facts.is_via_service, false) as is_via_service,
    facts.parameters, log.version_id, facts.sse_applied, facts.applied_key, log.request_uri, log.source_region,
    coalesce(log.bytes_sent, 0) + coalesce(facts.bytes_in,
      case when log.operation in ('REST.PUT.OBJECT', 'REST.POST.OBJECT', 'REST.PUT.PART') then log.object_size end, 0) as bytes,
    log.log_uri || '#' || cast(log.log_line as varchar) as row_id,
    log.dt
  from preview_log as log
  left join preview_trail_facts as facts on facts.request_id = log.request_id
  left join preview_copies as copy on copy.request_id = log.copy_request_id
),
trail_once as (
  select * from preview_trail where shared_event_id is null
  union all
  select * exclude (nth)
  from (
    select *, row_number() over (
      partition by shared_event_id, action, key
      order by user_identity_arn is null, event_id
    ) as nth
    from preview_trail
    where shared_event_id is not null
  )
  where nth = 1
),
from_trail as (
  select
    'cloudtrail' as source,
    true as has_trail,
    trail.event_time, trail.bucket, trail.key, trail.action, trail.action_class, cast(null as varchar) as operation,
    trail.principal, trail.caller_account,
    kind_of_principal(trail.principal) = 'root' and trail.caller_account = trail.bucket_account_id as is_owner,
    trail.source_ip, trail.user_agent,
    case
      when trail.action = 'DeleteObject' and coalesce(facts.is_batch_delete, false) then 'part'
      when trail.action = 'CreateBucket' then 'bucket-created'
      when not trail.is_success then 'failed-already'
    end as frame_reason,
    trail.is_success,
    trail.tls_version, trail.cipher_suite, trail.has_transfer_facts, trail.host_header,
    cast(null as varchar) as authentication_type,
    cast(null as varchar) as access_point_arn, trail.resources,
    trail.resources is not null as has_access_point_field,
    trail.acl_required,
    trail.vpc_endpoint_id, trail.is_service_principal, trail.is_via_service, trail.parameters, trail.version_id,
    trail.sse_applied, trail.applied_key,
    cast(null as varchar) as request_uri, cast(null as varchar) as source_region,
    coalesce(trail.bytes_in, 0) + coalesce(trail.bytes_out, 0) as bytes,
    trail.row_id, trail.dt
  from trail_once as trail
  left join preview_trail_facts as facts on facts.request_id = trail.request_id
  where not exists (
    select 1
    from preview_twins as log
    where log.request_id = trail.request_id
      and log.action = trail.action
      and log.bucket is not distinct from trail.bucket
      and log.deleted_key is not distinct from case when trail.action = 'DeleteObject' then trail.key end
  )
),
requests as (
  select * from from_log
  union all
  select * from from_trail
)
select *
from requests
where bucket is not null
  and (len(getvariable('preview_buckets')) = 0 or list_contains(getvariable('preview_buckets'), bucket));
