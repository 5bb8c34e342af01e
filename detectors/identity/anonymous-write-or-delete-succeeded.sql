/*---
id: anonymous-write-or-delete-succeeded
version: 1
title: anonymous write, delete or permission change succeeded
severity: critical
severity_rules:
  - high when the only sign is a batch delete whose keys no log shows, since S3 answers 200 even when it refuses every key
family: identity
sources: [access_log, cloudtrail_data]
tactic: impact
mitre: [T1485, T1565.001, T1491.002]
window: hour
entity: [bucket]
needs_learning: false
params:
  min_requests:
    default: 1
    unit: requests
    description: Successful anonymous changes to a bucket in an hour from which on to alert.
description: >-
  A request without any signature put, copied, posted or deleted an object, or changed an ACL or a setting. Nothing should
  allow this, so buckets that are configured as public alert as well. Browser form uploads with a signed policy are
  HtmlForm in the access log and do not count; nor do requests whose signature failed. Keys of a batch delete are judged
  one by one, because S3 answers the batch with 200 even when every key is refused.
false_positives:
  - A deliberate drop box that lets anyone write; give it a presigned URL or a form with a policy instead.
known_gaps:
  - CloudTrail alone does not tell an anonymous form upload without a policy from one with a policy when the form is not logged as HtmlForm.
next_steps:
  - "List the changes: select event_time, action, key, source_ip, user_agent, version_id from s3_events where bucket = '<bucket>' and is_anonymous and is_success and action_class in ('write', 'delete', 'permission', 'config') order by event_time."
  - Turn on Block Public Access for the bucket now; it refuses these requests at once.
  - Compare the objects with their earlier versions; remove uploaded files and restore deleted ones.
  - "Find the grant: select event_time, event_name, user_identity_arn, request_parameters from cloudtrail where bucket = '<bucket>' and event_name in ('PutBucketPolicy', 'PutBucketAcl') order by event_time desc."
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
  - https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
---*/
with
changes as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, account_id, region, bucket, key, action, action_class, source_ip, user_agent, row_id, is_success,
    sum(case when action <> 'DeleteObjects' then 1 else 0 end)
      over (partition by coalesce(request_id, row_id)) as companions
  from s3_events
  where is_anonymous
    and not is_aws_service
    and bucket is not null
    and action_class in ('write', 'delete', 'permission', 'config')
),
totals as (
  select
    window_start, bucket,
    max(account_id) as account_id,
    max(region) as region,
    min_by(key, row(event_time, row_id)) as key,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    count(distinct source_ip) as addresses,
    bool_and(action = 'DeleteObjects') as is_unconfirmed,
    array_sort(array_agg(distinct action)) as actions,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from changes
  where is_success
    and (action <> 'DeleteObjects' or companions = 0)
  group by window_start, bucket
),
findings as (
  select
    window_start, bucket, account_id, region, key, source_ip, user_agent, first_event_at, last_event_at, event_count,
    addresses, is_unconfirmed, row_ids,
    element_at(actions, 1) || coalesce(', ' || element_at(actions, 2), '') || coalesce(', ' || element_at(actions, 3), '')
      || case when cardinality(actions) > 3 then ' and more' else '' end as action_list
  from totals
)
select
  window_start,
  case when is_unconfirmed then 'high' else 'critical' end as severity,
  'anonymous callers made ' || cast(event_count as varchar)
    || case when event_count = 1 then ' successful change' else ' successful changes' end || ' to the bucket ' || bucket
    || ' (' || action_list || ') from ' || cast(addresses as varchar)
    || case when addresses = 1 then ' address' else ' addresses' end as summary,
  account_id, region, bucket, key,
  'anonymous' as principal,
  source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  'no anonymous changes' as expected,
  action_list as observed,
  cast(null as integer) as history_days,
  case
    when is_unconfirmed then array['requester: ANONYMOUS', 'outcome: UNKNOWN']
    else array['requester: ANONYMOUS']
  end as factors
from findings
where event_count >= $min_requests
order by window_start, bucket
