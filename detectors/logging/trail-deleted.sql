/*---
id: trail-deleted
version: 1
title: CloudTrail trail deleted
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
  Someone deleted a trail. What it recorded stays in its bucket; what happens from now on is recorded by other trails or
  by none. Every successful DeleteTrail counts, but for infrastructure as code that takes away a trail of its own making.
false_positives:
  - The migration to an organization trail; suppress it by principal with an entry that expires.
  - Infrastructure as code that deletes a trail which the same principal created less than an hour before; quiet.
known_gaps:
  - The user agent tells infrastructure as code, and a caller can forge it; it spares only trails that are less than an hour old.
  - A trail that infrastructure as code made longer ago counts when it is taken down.
  - If the deleted trail was the only one, what follows is visible in access logs only.
next_steps:
  - "See who it was and what came before: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' order by event_time desc limit 50."
  - Create the trail again from its definition; CreateTrail and PutEventSelectors in cloudtrail show how it was set.
  - Read the access logs of your buckets for the time without CloudTrail, and the event history of the account (90 days, kept by AWS).
  - If nobody owns the change, revoke the sessions of the principal and forbid cloudtrail:DeleteTrail by organization policy.
references:
  - https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html
  - https://attack.mitre.org/techniques/T1562/008/
---*/
with
trail_changes as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, event_name, row_id, recipient_account_id as account_id, aws_region as region, principal,
    source_ip_address as source_ip, user_agent,
    coalesce(json_extract_scalar(request_parameters, '$.name'), 'unknown') as trail,
    regexp_extract(coalesce(json_extract_scalar(request_parameters, '$.name'), 'unknown'), '([^/]+)$', 1) as trail_name
  from cloudtrail
  where event_time >= $from
    and event_time < $to
    and event_source = 'cloudtrail.amazonaws.com'
    and event_name in ('CreateTrail', 'DeleteTrail')
    and is_success
),
deletions as (
  select
    deleted.window_start, deleted.event_time, deleted.row_id, deleted.account_id, deleted.region, deleted.principal, deleted.source_ip,
    deleted.user_agent, deleted.trail
  from trail_changes as deleted
  where deleted.event_name = 'DeleteTrail'
    and not (
      coalesce(regexp_like(lower(deleted.user_agent), 'terraform|opentofu|pulumi|cloudformation|ansible'), false)
      and exists (
        select 1
        from trail_changes as created
        where created.event_name = 'CreateTrail'
          and created.trail_name = deleted.trail_name
          and created.principal = deleted.principal
          and created.event_time <= deleted.event_time
          and created.event_time >= deleted.event_time - interval '1' hour
      )
    )
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
  from deletions
  group by window_start, account_id, principal
)
select
  window_start,
  principal || ' deleted the trail ' || trail
    || case when trails > 1 then ' and ' || cast(trails - 1 as varchar) || ' more' else '' end as summary,
  account_id, region, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  trail as observed
from totals
order by window_start, account_id, principal
