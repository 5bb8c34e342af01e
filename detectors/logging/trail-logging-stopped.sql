/*---
id: trail-logging-stopped
version: 1
title: CloudTrail stopped
severity: high
severity_rules: []
family: logging
sources: [cloudtrail_management]
tactic: defense-evasion
mitre: [T1562.008]
window: hour
entity: [account_id, principal]
needs_learning: false
params: {}
description: >-
  Someone stopped the logging of a trail. From then on it delivers nothing, so this may be the last that is heard of its
  account. Every successful StopLogging counts.
false_positives:
  - The migration of a trail by its administrators; suppress it by principal with an entry that expires.
known_gaps:
  - Calls that were refused are trail-tamper-denied; a trail that is made smaller instead of stopped is trail-config-weakened.
  - If the stopped trail was the only one, what follows is visible in access logs only.
  - Logging that ends without a call, because the bucket or its key is gone, is log-delivery-gap.
next_steps:
  - "Start it again: aws cloudtrail start-logging --name <trail>."
  - "See who it was and what came before: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' order by event_time desc limit 50."
  - Read the access logs of your buckets for the time without CloudTrail, and the event history of the account (90 days, kept by AWS).
  - If nobody owns the change, revoke the sessions of the principal and forbid cloudtrail:StopLogging by organization policy.
references:
  - https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html
  - https://attack.mitre.org/techniques/T1562/008/
---*/
with
stops as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, row_id, recipient_account_id as account_id, aws_region as region, principal, source_ip_address as source_ip, user_agent,
    coalesce(json_extract_scalar(request_parameters, '$.name'), 'unknown') as trail
  from cloudtrail
  where event_time >= $from
    and event_time < $to
    and event_source = 'cloudtrail.amazonaws.com'
    and event_name = 'StopLogging'
    and is_success
),
totals as (
  select
    window_start, account_id, principal,
    max(region) as region,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    count(distinct trail) as trails,
    min_by(trail, row(event_time, row_id)) as trail,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from stops
  group by window_start, account_id, principal
)
select
  window_start,
  principal || ' stopped the trail ' || trail
    || case when trails > 1 then ' and ' || cast(trails - 1 as varchar) || ' more' else '' end as summary,
  account_id, region, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  trail as observed
from totals
order by window_start, account_id, principal
