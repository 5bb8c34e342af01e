/*---
id: exposure-then-anonymous-access
version: 1
title: bucket exposed, then read by strangers
severity: critical
severity_rules:
  - high when strangers already read from the bucket in the known_days before it was exposed
  - medium when every one of them came from a network that is listed as trusted (the owner's own test)
family: exposure
sources: [cloudtrail_management, cloudtrail_data, access_log]
tactic: collection
mitre: [T1530]
window: hour
entity: [bucket]
needs_learning: false
params:
  sequence_hours:
    default: 24
    unit: hours
    description: How long after an exposure the first read by a stranger belongs to it; at most 24.
  known_days:
    default: 30
    unit: days
    description: Successful anonymous requests in this many days before the exposure mean that the bucket was public already.
description: >-
  A policy, an ACL, the ACL of an object or the loss of Block Public Access opened a bucket, and within a day somebody
  without credentials read from it or listed it. The exposure was found and used. Buckets under public_buckets are left out.
false_positives:
  - The owner tries from outside whether the site works; list the network under networks.trusted.
  - The launch of a public site; list the bucket under public_buckets.
known_gaps:
  - An exposure of which only access logs tell (without CloudTrail management events) is not known.
  - A read that comes later than a day after the exposure is anonymous-read-succeeded only.
  - An object ACL counts only for reads in the same window under test.
  - Readers with an AWS account of their own are cross-account-access-first-seen.
next_steps:
  - "Close it at once: aws s3api put-public-access-block --bucket <bucket> with all four switches on."
  - "List what they took: select event_time, action, key, bytes_out, source_ip, user_agent from s3_events where bucket = '<bucket>' and is_anonymous and is_success order by event_time."
  - "Find who opened it: select event_time, event_name, principal, source_ip_address from cloudtrail where bucket = '<bucket>' and event_name in ('PutBucketPolicy', 'PutBucketAcl', 'PutObjectAcl', 'DeleteBucketPublicAccessBlock', 'PutBucketPublicAccessBlock') order by event_time desc."
  - Treat what was read as published; decide with the data owner whom to tell.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
  - https://attack.mitre.org/techniques/T1530/
---*/
with
strangers as (
  select
    date_trunc('hour', events.event_time) as window_start,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.action, events.principal, events.source_ip,
    events.user_agent, events.bytes_out, events.row_id,
    coalesce(networks.is_trusted, false) as is_trusted
  from s3_events as events
  left join networks on networks.source_ip = events.source_ip
  left join buckets on buckets.bucket = events.bucket
  where events.event_time >= $from
    and events.event_time < $to
    and events.is_anonymous
    and events.is_success
    and events.action_class in ('read', 'list')
    and not coalesce(buckets.is_public, false)
),
-- The account of a bucket, for what is switched off for all its buckets at once. With one own account there is no doubt.
sole_account as (
  select min(account_id) as account_id
  from accounts
  where relation = 'own'
  having count(*) = 1
),
seen_owners as (
  select bucket, max(account_id) as account_id
  from s3_events
  where account_id is not null
  group by bucket
),
owners as (
  select strangers.bucket, coalesce(max(seen_owners.account_id), max(sole_account.account_id)) as account_id
  from strangers
  left join seen_owners on seen_owners.bucket = strangers.bucket
  left join sole_account on true
  group by strangers.bucket
),
exposures as (
  select bucket, event_time, row_id, cast(null as varchar) as key, principal, via || ': ' || statement as how
  from policy_grants
  where audience = 'anonymous'
    and bucket is not null
    and held_back_by is distinct from 'vpc'
  union all
  select bucket, event_time, row_id, key, principal, 'object acl: ' || statement
  from object_acl_grants
  where audience = 'anonymous'
  union all
  select resource, event_time, row_id, cast(null as varchar), principal, 'block public access weakened'
  from control_changes
  where control = 'bucket-public-access-block'
    and is_weaker is distinct from false
    and strpos(new_value, 'false') > 0
  union all
  select owners.bucket, changes.event_time, changes.row_id, cast(null as varchar), changes.principal,
    'block public access of the account weakened'
  from control_changes as changes
  join owners on owners.account_id = changes.resource
  where changes.control = 'account-public-access-block'
    and changes.is_weaker is distinct from false
    and strpos(changes.new_value, 'false') > 0
),
reads as (
  select
    strangers.window_start, strangers.event_time, strangers.account_id, strangers.region, strangers.bucket, strangers.key,
    strangers.action, strangers.principal, strangers.source_ip, strangers.user_agent, strangers.bytes_out, strangers.row_id,
    strangers.is_trusted,
    min(exposures.event_time) as exposed_at,
    min_by(exposures.how, row(exposures.event_time, exposures.row_id)) as how,
    min_by(exposures.row_id, row(exposures.event_time, exposures.row_id)) as exposure_row_id
  from strangers
  join exposures on exposures.bucket = strangers.bucket
  where exposures.event_time < strangers.event_time
    and exposures.event_time >= strangers.event_time - $sequence_hours * interval '1' hour
    and (exposures.key is null or exposures.key = strangers.key)
  group by
    strangers.window_start, strangers.event_time, strangers.account_id, strangers.region, strangers.bucket, strangers.key,
    strangers.action, strangers.principal, strangers.source_ip, strangers.user_agent, strangers.bytes_out, strangers.row_id,
    strangers.is_trusted
),
totals as (
  select
    window_start, bucket,
    max(account_id) as account_id,
    max(region) as region,
    min_by(key, row(event_time, row_id)) as key,
    min_by(principal, row(event_time, row_id)) as principal,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    count(distinct source_ip) as sources,
    cast(coalesce(sum(bytes_out), 0) as bigint) as bytes_out,
    min_by(row_id, row(event_time, row_id), 9) as row_ids,
    min(exposed_at) as exposed_at,
    min_by(how, row(exposed_at, row_id)) as how,
    min_by(exposure_row_id, row(exposed_at, row_id)) as exposure_row_id,
    bool_and(is_trusted) as is_trusted
  from reads
  group by window_start, bucket
),
-- Whole hours before the exposure only: an hour of the rollup does not say what came first in it.
public_before as (
  select totals.window_start, totals.bucket
  from totals
  join activity on activity.bucket = totals.bucket
  where activity.is_anonymous
    and activity.action_class in ('read', 'list')
    and activity.requests > activity.errors
    and activity.hour < date_trunc('hour', totals.exposed_at)
    and activity.hour >= totals.exposed_at - $known_days * interval '1' day
  group by totals.window_start, totals.bucket
)
select
  totals.window_start,
  case when totals.is_trusted then 'medium' when public_before.bucket is not null then 'high' else 'critical' end as severity,
  'strangers read from bucket ' || totals.bucket || ' '
    || case
      when date_diff('minute', totals.exposed_at, totals.first_event_at) < 120
        then cast(date_diff('minute', totals.exposed_at, totals.first_event_at) as varchar) || ' minutes'
      else cast(date_diff('hour', totals.exposed_at, totals.first_event_at) as varchar) || ' hours'
    end || ' after it was exposed' as summary,
  totals.account_id, totals.region, totals.bucket, totals.key, totals.principal, totals.source_ip, totals.user_agent,
  totals.first_event_at, totals.last_event_at, totals.event_count,
  array[totals.exposure_row_id] || totals.row_ids as evidence,
  totals.how || '; ' || cast(totals.event_count as varchar) || ' requests from ' || cast(totals.sources as varchar) || ' addresses, '
    || cast(totals.bytes_out as varchar) || ' bytes' as observed,
  array[
    case when public_before.bucket is not null then 'anonymous reads: KNOWN' else 'anonymous reads: UNSEEN' end,
    case when totals.is_trusted then 'network: TRUSTED' end
  ] as factors
from totals
left join public_before
  on public_before.window_start = totals.window_start
  and public_before.bucket = totals.bucket
order by totals.window_start, totals.bucket
