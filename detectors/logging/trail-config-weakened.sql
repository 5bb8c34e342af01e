/*---
id: trail-config-weakened
version: 1
title: trail scope or integrity reduced
severity: high
severity_rules:
  - medium when it is not known that what is off now was on before
family: logging
sources: [cloudtrail_management]
tactic: defense-evasion
mitre: [T1562.008]
window: hour
entity: [account_id, principal]
needs_learning: false
params: {}
description: >-
  UpdateTrail after which a trail records less or protects its files less: one region instead of all, no global services,
  one account instead of the organization, no digest files, or no KMS key. UpdateTrail names only what it changes; what it
  leaves out stays. When the setting before is known, only a change from on to off counts.
false_positives:
  - The move of a trail under an organization trail; suppress it by principal with an entry that expires.
  - Infrastructure as code that says "off" again; quiet once the earlier value has been seen.
known_gaps:
  - A trail that was created before CloudTrail was read has no earlier value; whatever a call then says is off counts.
  - A trail that is created weak is not judged; it takes nothing away.
  - Other trails that record the same are not looked for.
next_steps:
  - "See who it was and what else they did: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' and not read_only order by event_time desc limit 50."
  - "Put it back: aws cloudtrail update-trail --name <trail>; the settings before stand under expected."
  - "Check the files of the time in question: aws cloudtrail validate-logs, as far as digests exist."
  - If nobody owns the change, revoke the sessions of the principal.
references:
  - https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html
  - https://attack.mitre.org/techniques/T1562/008/
---*/
with
weakened as (
  select
    date_trunc('hour', event_time) as window_start,
    row_id, event_time, account_id, region, resource as trail, principal, source_ip, user_agent, new_value, previous_value,
    coalesce(
      json_extract_scalar(previous_value, '$.all_regions') = 'true' and json_extract_scalar(new_value, '$.all_regions') = 'false', false)
      or coalesce(json_extract_scalar(previous_value, '$.global_services') = 'true'
        and json_extract_scalar(new_value, '$.global_services') = 'false', false)
      or coalesce(json_extract_scalar(previous_value, '$.organization') = 'true'
        and json_extract_scalar(new_value, '$.organization') = 'false', false)
      or coalesce(json_extract_scalar(previous_value, '$.validates_files') = 'true'
        and json_extract_scalar(new_value, '$.validates_files') = 'false', false)
      or coalesce(json_extract_scalar(previous_value, '$.kms_encrypted') = 'true'
        and json_extract_scalar(new_value, '$.kms_encrypted') = 'false', false) as was_on
  from control_changes
  where event_time >= $from
    and event_time < $to
    and control = 'trail-scope'
    and event_name = 'UpdateTrail'
    and is_weaker is distinct from false
    and strpos(new_value, 'false') > 0
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
    bool_or(was_on) as was_on,
    max_by(new_value, row(event_time, row_id)) as observed
  from weakened
  group by window_start, account_id, principal
)
select
  window_start,
  case when was_on then 'high' else 'medium' end as severity,
  principal || ' weakened the trail ' || trail
    || case when trails > 1 then ' and ' || cast(trails - 1 as varchar) || ' more' else '' end as summary,
  account_id, region, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  expected,
  observed,
  case when was_on then array['before: ON'] else array['before: UNKNOWN'] end as factors
from totals
order by window_start, account_id, principal
