/*---
id: anonymous-read-succeeded
version: 1
title: anonymous read or list succeeded
severity: medium
severity_rules:
  - high when an anonymous caller could list the bucket (ListObjects, ListObjectVersions, HeadBucket and the like)
  - high when the bucket, or a key that was read, is sensitive
family: identity
sources: [access_log, cloudtrail_data]
tactic: collection
mitre: [T1530, T1619]
window: day
entity: [bucket]
needs_learning: false
params:
  min_requests:
    default: 1
    unit: requests
    description: Successful anonymous requests to a bucket in a day from which on to alert.
description: >-
  A request without any signature read or listed a bucket that is not configured as public. One finding for a bucket and
  day, with counts. Presigned URLs and browser forms are signed and do not count; nor do requests whose signature failed,
  although the access log shows no requester for them. Object reads that name CloudFront as their agent are the public or
  custom origin of a distribution and do not count, except on a sensitive bucket.
false_positives:
  - A public website or download bucket; list it under public_buckets.
known_gaps:
  - The CloudFront agent is the client's word; a reader that forges it is quiet on a bucket that is not sensitive, as long as it does not list.
  - A 304 or 404 answer also shows that anonymous access works, but only 2xx counts.
next_steps:
  - "See who read what: select source_ip, user_agent, action, count(*), min(event_time), max(event_time) from s3_events where bucket = '<bucket>' and is_anonymous and is_success group by source_ip, user_agent, action order by 4 desc."
  - Turn on Block Public Access for the bucket unless it is meant to be public; then list it under public_buckets.
  - "Find when it became public: select event_time, event_name, user_identity_arn, request_parameters from cloudtrail where bucket = '<bucket>' and event_name in ('PutBucketPolicy', 'PutBucketAcl', 'PutObjectAcl', 'DeleteBucketPublicAccessBlock') order by event_time."
  - List the keys that were read, and judge whether their content must be treated as disclosed.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
  - https://attack.mitre.org/techniques/T1530/
---*/
with
-- Which buckets it is about, by narrow columns: mostly none but those that are known to be public.
suspects as (
  select seen.bucket
  from (
    select distinct bucket
    from s3_events
    where is_anonymous
      and is_success
      and action_class in ('read', 'list')
      and bucket is not null
      and not is_aws_service
  ) as seen
  left join buckets on buckets.bucket = seen.bucket
  where not coalesce(buckets.is_public, false)
),
anonymous_events as (
  select
    date_trunc('day', events.event_time) as window_start,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.action, events.action_class,
    events.source_ip, events.user_agent, events.bytes_out, events.row_id,
    coalesce(buckets.is_sensitive, false) or has_prefix(events.key, buckets.sensitive_prefixes) as is_sensitive,
    -- CloudTrail wraps the agent in brackets.
    coalesce(events.user_agent in ('Amazon CloudFront', '[Amazon CloudFront]'), false) as is_cloudfront
  from s3_events as events
  join suspects on suspects.bucket = events.bucket
  left join buckets on buckets.bucket = events.bucket
  where events.is_anonymous
    and events.is_success
    and events.action_class in ('read', 'list')
    and not events.is_aws_service
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
    count(distinct key) as keys,
    count(distinct source_ip) as addresses,
    cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
    sum(case when action_class = 'list' then 1 else 0 end) as lists,
    sum(case when action_class = 'read' then 1 else 0 end) as reads,
    bool_or(is_sensitive) as is_sensitive,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from anonymous_events
  where is_sensitive or action_class = 'list' or not is_cloudfront
  group by window_start, bucket
)
select
  window_start,
  case when lists > 0 or is_sensitive then 'high' else 'medium' end as severity,
  'anonymous callers made ' || cast(event_count as varchar)
    || case when event_count = 1 then ' successful request' else ' successful requests' end || ' to the bucket ' || bucket
    || ' (' || cast(reads as varchar) || case when reads = 1 then ' read of ' else ' reads of ' end
    || cast(keys as varchar) || case when keys = 1 then ' key, ' else ' keys, ' end
    || cast(lists as varchar) || case when lists = 1 then ' list)' else ' lists)' end
    || ' from ' || cast(addresses as varchar) || case when addresses = 1 then ' address' else ' addresses' end as summary,
  account_id, region, bucket, key,
  'anonymous' as principal,
  source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  'no anonymous access' as expected,
  cast(event_count as varchar) || ' requests, ' || cast(bytes_out as varchar) || ' bytes' as observed,
  cast(null as integer) as history_days,
  filter(array[
    'requester: ANONYMOUS',
    case when lists > 0 then 'action: LIST' end,
    case when is_sensitive then 'bucket: SENSITIVE' end
  ], factor -> factor is not null) as factors
from totals
where event_count >= $min_requests
order by window_start, bucket
