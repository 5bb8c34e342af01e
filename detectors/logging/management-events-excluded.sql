/*---
id: management-events-excluded
version: 1
title: trail stops recording management events
severity: high
severity_rules:
  - medium when it is not known what the trail recorded before
family: logging
sources: [cloudtrail_management]
tactic: defense-evasion
mitre: [T1562.008]
window: hour
entity: [account_id, principal]
needs_learning: false
params: {}
description: >-
  PutEventSelectors after which a trail records no management events, only reads or only writes of them, or leaves out a
  service such as KMS. Changes of policies, logging and keys leave no trace in that trail then. When the selectors before
  are known, only those that record less count; the high-volume service rdsdata alone does not.
false_positives:
  - A second trail for data events only; quiet when its creation was seen less than an hour before.
  - KMS left out to save cost; suppress it by principal with an entry that expires, and know that key misuse is unseen then.
  - Infrastructure as code that sets the same selectors again; quiet once the earlier ones have been seen.
known_gaps:
  - Another trail that still records the same is not looked for.
  - The first selectors that are seen for a trail have nothing before them; they count whenever something is left out.
  - Event data stores (CloudTrail Lake) have selectors of their own, which are not judged.
next_steps:
  - "See who it was and what else they did: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' and not read_only order by event_time desc limit 50."
  - "Put it back: aws cloudtrail put-event-selectors with management events All; the earlier state stands under expected."
  - Read the event history of the account (90 days, kept by AWS) for what the trail missed.
  - If nobody owns the change, revoke the sessions of the principal.
references:
  - https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
  - https://attack.mitre.org/techniques/T1562/008/
---*/
with
excluded as (
  select
    date_trunc('hour', event_time) as window_start,
    row_id, event_time, account_id, region, resource as trail, principal, source_ip, user_agent, new_value, previous_value,
    is_weaker is not null as is_before_known,
    json_extract_scalar(new_value, '$.management') as management
  from control_changes
  where event_time >= $from
    and event_time < $to
    and control = 'management-events'
    and event_name = 'PutEventSelectors'
    and is_weaker is distinct from false
    and (
      json_extract_scalar(new_value, '$.management') <> 'All'
      or strpos(new_value, '"excluded_sources":[]') = 0 and strpos(new_value, '"excluded_sources":["rdsdata.amazonaws.com"]') = 0
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
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    min_by(previous_value, row(event_time, row_id)) as expected,
    bool_or(is_before_known) as is_before_known,
    min_by(management, row(event_time, row_id)) as management,
    max_by(new_value, row(event_time, row_id)) as observed
  from excluded
  group by window_start, account_id, principal
)
select
  window_start,
  case when is_before_known then 'high' else 'medium' end as severity,
  principal || case management
      when 'None' then ' left out all management events of the trail '
      when 'All' then ' left out the management events of some services of the trail '
      else ' left out a part of the management events of the trail '
    end || trail
    || case when trails > 1 then ' and ' || cast(trails - 1 as varchar) || ' more' else '' end as summary,
  account_id, region, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  expected,
  observed,
  array[
    case management when 'None' then 'management events: NONE' when 'All' then 'services: FEWER' else 'management events: FEWER' end,
    case when not is_before_known then 'before: UNKNOWN' end
  ] as factors
from totals
order by window_start, account_id, principal
