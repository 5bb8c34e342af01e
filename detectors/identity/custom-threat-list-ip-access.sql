/*---
id: custom-threat-list-ip-access
version: 1
title: request from an address of your own list
severity: high
severity_rules:
  - medium when nothing succeeded
  - low when nothing succeeded and the caller was anonymous, which is what scanners of the whole internet do all day
  - info for anonymous reads of buckets under public_buckets
family: identity
sources: [access_log, cloudtrail_data, cloudtrail_management]
tactic: initial-access
mitre: [T1530, T1619]
window: hour
entity: [source_ip, principal]
needs_learning: false
needs: threat_lists of kind custom
params: {}
description: >-
  A request came from an address that you listed (threat_lists with kind custom, the default). The factors say which steps it
  took: discovery (listings and questions about settings), exfiltration (reads), impact (writes, deletes, changes of settings).
  Networks under networks.trusted win over the list, and services of AWS do not count.
false_positives:
  - The list is yours; take an address out of it, or give the list a last day (to).
known_gaps:
  - Addresses change hands. Give each list the days that it speaks of (from, to) and keep the old ones, so that looking at
    last month uses last month's list.
  - A list that names no address of the logs is silent, and so is one that was never fetched again; doctor shows how old it is.
next_steps:
  - "See what came from the address: select event_time, principal, action, bucket, key, status, error_code from s3_events where source_ip = '<source_ip>' order by event_time."
  - "See where the principal usually comes from: select source_ip, user_agent, count(*) from s3_events where principal = '<principal>' group by source_ip, user_agent order by 3 desc."
  - If credentials of yours were used, revoke the sessions of the role or change the keys of the user first.
  - Look up in the notes of the list why the address is on it; the answer decides what to do.
references:
  - https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-s3.html
  - https://attack.mitre.org/techniques/T1530/
---*/
with
requests as (
  select
    event_time, account_id, region, bucket, key, principal, source_ip, user_agent, action, action_class, is_success,
    is_anonymous, row_id
  from s3_events
  where not is_aws_service
  union all
  select
    event_time, recipient_account_id, aws_region, bucket, key, principal, source_ip_address, user_agent, event_name,
    case when read_only then 'other' else 'config' end, is_success, false, row_id
  from cloudtrail
  where event_source in ('kms.amazonaws.com', 'cloudtrail.amazonaws.com')
    and not is_aws_service
),
listed as (
  select
    date_trunc('hour', requests.event_time) as window_start,
    requests.event_time, requests.account_id, requests.region, requests.bucket, requests.key, requests.principal, requests.source_ip,
    requests.user_agent, requests.row_id, requests.is_success, requests.is_anonymous,
    case
      when requests.action_class = 'read' then 'exfiltration'
      when requests.action_class in ('write', 'delete', 'permission', 'config') then 'impact'
      else 'discovery'
    end as step,
    coalesce(buckets.is_public, false) and requests.is_anonymous and requests.action_class in ('read', 'list') as is_public_read
  from requests
  join networks on networks.source_ip = requests.source_ip
  left join buckets on buckets.bucket = requests.bucket
  where not networks.is_trusted
    and exists (
      select 1
      from threat_addresses
      where threat_addresses.source_ip = requests.source_ip
        and threat_addresses.list_kind = 'custom'
        and (threat_addresses.listed_from is null or requests.event_time >= threat_addresses.listed_from)
        and (threat_addresses.listed_until is null or requests.event_time < threat_addresses.listed_until)
    )
),
list_names as (
  select source_ip, min(list_name) as list_name
  from threat_addresses
  where list_kind = 'custom'
  group by source_ip
),
totals as (
  select
    window_start, source_ip, principal,
    max(account_id) as account_id,
    max(region) as region,
    min_by(bucket, row(event_time, row_id)) as bucket,
    min_by(key, row(event_time, row_id)) as key,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    sum(case when is_success then 1 else 0 end) as successes,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    bool_and(is_anonymous) as is_anonymous,
    bool_and(is_public_read) as is_public_read,
    bool_or(step = 'discovery') as has_discovery,
    bool_or(step = 'exfiltration') as has_reads,
    bool_or(step = 'impact') as has_changes,
    bool_or(is_success and step <> 'discovery') as has_data
  from listed
  group by window_start, source_ip, principal
)
select
  totals.window_start,
  case
    when totals.is_public_read then 'info'
    when totals.successes > 0 then 'high'
    when totals.is_anonymous then 'low'
    else 'medium'
  end as severity,
  totals.principal || ' made ' || cast(totals.event_count as varchar)
    || case when totals.event_count = 1 then ' request' else ' requests' end || ' from ' || totals.source_ip || ', which is on the list '
    || list_names.list_name || ', ' || cast(totals.successes as varchar) || ' of them successful' as summary,
  totals.account_id, totals.region, totals.bucket, totals.key, totals.principal, totals.source_ip, totals.user_agent,
  totals.first_event_at, totals.last_event_at, totals.event_count,
  totals.row_ids as evidence,
  list_names.list_name as observed,
  filter(array[
    'address: LISTED',
    case when totals.has_discovery then 'step: DISCOVERY' end,
    case when totals.has_reads then 'step: EXFILTRATION' end,
    case when totals.has_changes then 'step: IMPACT' end
  ], factor -> factor is not null) as factors
from totals
join list_names on list_names.source_ip = totals.source_ip
order by totals.window_start, totals.source_ip, totals.principal
