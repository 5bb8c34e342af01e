/*---
id: s3-data-events-disabled
version: 1
title: S3 data events dropped from a trail
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
  PutEventSelectors after which a trail no longer records object requests that the selectors before it recorded: S3 data
  resources are gone or narrower, or a read-only or write-only filter was added. Reads and deletes of objects in those
  buckets leave no trace in CloudTrail then.
false_positives:
  - Cost tuning; suppress it by principal with an entry that expires.
known_gaps:
  - Selectors must have been seen once before; the first call of a trail is remembered and stays quiet.
  - Another trail that still records the same buckets is not looked for.
  - Filters by action, caller or single key are compared as texts, so another spelling of the same filter counts as narrower.
  - Data events of event data stores (CloudTrail Lake) are not judged.
next_steps:
  - "Compare the selectors: they stand under expected and observed; put the earlier ones back with aws cloudtrail put-event-selectors."
  - "See who it was and what came before: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' order by event_time desc limit 50."
  - Read the access logs of the buckets for what CloudTrail no longer shows.
  - If nobody owns the change, revoke the sessions of the principal.
references:
  - https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
  - https://attack.mitre.org/techniques/T1562/008/
---*/
with
dropped as (
  select
    date_trunc('hour', event_time) as window_start,
    row_id, event_time, account_id, region, resource as trail, principal, source_ip, user_agent, new_value, previous_value, all_off
  from control_changes
  where event_time >= $from
    and event_time < $to
    and control = 's3-data-events'
    and is_weaker
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
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    min_by(previous_value, row(event_time, row_id)) as expected,
    max_by(new_value, row(event_time, row_id)) as observed,
    bool_or(all_off) as all_off
  from dropped
  group by window_start, account_id, principal
)
select
  window_start,
  principal || case when all_off then ' removed all S3 data events from the trail ' else ' narrowed the S3 data events of the trail ' end
    || trail || case when trails > 1 then ' and ' || cast(trails - 1 as varchar) || ' more' else '' end as summary,
  account_id, region, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  expected,
  observed,
  case when all_off then array['data events: NONE'] else array['data events: FEWER'] end as factors
from totals
order by window_start, account_id, principal
