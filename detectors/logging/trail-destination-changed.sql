/*---
id: trail-destination-changed
version: 1
title: trail writes elsewhere or with another key
severity: high
severity_rules:
  - critical when the new key or topic belongs to an account that is neither own nor trusted
  - medium when it is not known where the trail wrote before
family: logging
sources: [cloudtrail_management]
tactic: defense-evasion
mitre: [T1562.008, T1537]
window: hour
entity: [account_id, principal]
needs_learning: false
params:
  settled_hours:
    default: 24
    unit: hours
    description: A bucket that was a log bucket this long before the change is no news, when nothing is known of the trail.
description: >-
  UpdateTrail that sends the files of a trail to another bucket, encrypts them with another KMS key, or announces them
  on another topic. Whoever has the new bucket or key decides who reads the logs; whoever reads the old one, this product
  among them, gets no more. When nothing is known of the trail, only a bucket that was no log bucket before counts.
false_positives:
  - The move of logs into an archive account; add its account under accounts.trusted, or suppress the principal for the day.
  - The console sends the unchanged bucket with every change; quiet when the bucket is known.
known_gaps:
  - The name of a bucket does not say whose it is, so a foreign bucket alone does not raise the severity.
  - A new trail (CreateTrail) takes nothing away and is not judged, wherever it writes.
  - The prefix is not compared.
next_steps:
  - "See who it was and what else they did: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' and not read_only order by event_time desc limit 50."
  - "Put it back: aws cloudtrail update-trail --name <trail> --s3-bucket-name <bucket>; the values before stand under expected."
  - See whether the bucket is yours, who can read it, and whether the files of the meantime are there.
  - If nobody owns the change, revoke the sessions of the principal.
references:
  - https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html
  - https://attack.mitre.org/techniques/T1562/008/
---*/
with
changed as (
  select
    date_trunc('hour', changes.event_time) as window_start,
    changes.row_id, changes.event_time, changes.account_id, changes.region, changes.resource as trail, changes.principal,
    changes.source_ip, changes.user_agent, changes.new_value, changes.previous_value,
    changes.is_weaker is not null as is_before_known,
    json_extract_scalar(changes.new_value, '$.bucket') as bucket,
    case when json_extract_scalar(changes.previous_value, '$.kms_key') is distinct from json_extract_scalar(changes.new_value, '$.kms_key')
      then account_of_arn(json_extract_scalar(changes.new_value, '$.kms_key')) end as key_account,
    case when json_extract_scalar(changes.previous_value, '$.sns_topic') is distinct from json_extract_scalar(changes.new_value, '$.sns_topic')
      then account_of_arn(json_extract_scalar(changes.new_value, '$.sns_topic')) end as topic_account
  from control_changes as changes
  where changes.event_time >= $from
    and changes.event_time < $to
    and changes.control = 'trail-destination'
    and changes.event_name = 'UpdateTrail'
    and changes.is_weaker is distinct from false
),
judged as (
  select
    changed.window_start, changed.row_id, changed.event_time, changed.account_id, changed.region, changed.trail, changed.principal,
    changed.source_ip, changed.user_agent, changed.new_value, changed.previous_value, changed.is_before_known,
    settings.has_own_accounts and (
      changed.key_account is not null and key_owners.account_id is null
      or changed.topic_account is not null and topic_owners.account_id is null
    ) as is_foreign,
    coalesce(buckets.log_since <= changed.event_time - $settled_hours * interval '1' hour, false) as is_settled,
    changed.bucket
  from changed
  cross join settings
  left join buckets on buckets.bucket = changed.bucket
  left join accounts as key_owners on key_owners.account_id = changed.key_account
  left join accounts as topic_owners on topic_owners.account_id = changed.topic_account
),
redirected as (
  select
    window_start, row_id, event_time, account_id, region, trail, principal, source_ip, user_agent, new_value, previous_value,
    is_before_known, is_foreign
  from judged
  where is_before_known
    or is_foreign
    or bucket is not null and not is_settled
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
    bool_or(is_foreign) as is_foreign,
    max_by(new_value, row(event_time, row_id)) as observed
  from redirected
  group by window_start, account_id, principal
)
select
  window_start,
  case when is_foreign then 'critical' when is_before_known then 'high' else 'medium' end as severity,
  principal || ' changed where the trail ' || trail || ' writes to'
    || case when trails > 1 then ' and ' || cast(trails - 1 as varchar) || ' more' else '' end as summary,
  account_id, region, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  expected,
  observed,
  array[
    case when is_foreign then 'key or topic: FOREIGN' end,
    case when not is_before_known then 'before: UNKNOWN' end
  ] as factors
from totals
order by window_start, account_id, principal
