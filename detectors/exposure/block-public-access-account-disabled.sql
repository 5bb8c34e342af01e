/*---
id: block-public-access-account-disabled
version: 1
title: Block Public Access weakened for the account
severity: high
severity_rules: []
family: exposure
sources: [cloudtrail_management]
tactic: defense-evasion
mitre: [T1562.007, T1530]
window: hour
entity: [account_id, principal]
needs_learning: false
params: {}
description: >-
  Someone deleted the account's Block Public Access configuration, or put one in which some of the four switches are off
  or missing. It guards every bucket and access point of the account at once. When the switches before are known, only a
  change that turns one off counts.
false_positives:
  - The set-up of a new account; suppress it for its days with an entry that expires.
  - Infrastructure as code that re-applies what was already so; quiet once the earlier value has been seen.
known_gaps:
  - A call whose parameters were too large to be logged says nothing about the switches.
  - The first call that is seen for an account has no earlier value; it counts whenever a switch is off.
  - Policies of an organization that set Block Public Access for its accounts are not calls in the account.
next_steps:
  - "See who it was and what else they did: select event_time, event_name, bucket, source_ip_address, error_code from cloudtrail where coalesce(session_issuer_arn, user_identity_arn) = '<principal>' order by event_time desc limit 50."
  - "Put it back: aws s3control put-public-access-block --account-id <account_id> --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true."
  - Find buckets that were public all along behind it; IAM Access Analyzer for S3 lists them.
  - If nobody owns the change, revoke the sessions of the principal.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-account.html
  - https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-s3.html
  - https://attack.mitre.org/techniques/T1562/007/
---*/
with
weakened as (
  select
    date_trunc('hour', event_time) as window_start,
    row_id, event_time, event_name, resource as account_id, region, principal, source_ip, user_agent, new_value, previous_value, all_off
  from control_changes
  where event_time >= $from
    and event_time < $to
    and control = 'account-public-access-block'
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
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    min_by(previous_value, row(event_time, row_id)) as expected,
    max_by(new_value, row(event_time, row_id)) as observed,
    bool_or(all_off) as all_off,
    bool_or(starts_with(event_name, 'Delete')) as is_deleted
  from weakened
  group by window_start, account_id, principal
)
select
  window_start,
  principal || case when is_deleted then ' deleted' when all_off then ' switched off' else ' weakened' end
    || ' Block Public Access of account ' || account_id as summary,
  account_id, region, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  expected,
  observed,
  case when all_off then array['switches: ALL OFF'] else array['switches: SOME OFF'] end as factors
from totals
order by window_start, account_id, principal
