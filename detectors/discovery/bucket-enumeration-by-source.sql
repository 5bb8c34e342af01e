/*---
id: bucket-enumeration-by-source
version: 1
title: one source trying many buckets
severity: medium
severity_rules:
  - high when one of the source's requests without a signature, or of an unknown account, succeeded on a bucket that is not public
  - low when the source is in a trusted network
family: discovery
sources: [access_log, cloudtrail_data]
tactic: discovery
mitre: [T1619, T1580]
window: hour
entity: [source_ip, principal]
needs_learning: false
params:
  min_buckets:
    default: 10
    unit: buckets
    description: Different buckets that a source tries in an hour, at least min_refused of its requests being refused.
  min_refused:
    default: 0.5
    unit: share of requests
    description: Share of refused requests (403 and the like, not missing keys).
  min_anonymous_buckets:
    default: 5
    unit: buckets
    description: Different buckets that are not public and that a source tries without a signature in an hour, whatever the answers.
description: >-
  One address, or one foreign account from several addresses, tried many of your buckets within an hour and was mostly
  refused, or tried several without a signature. That is how bucket names are guessed and permissions are probed. The
  catalogue's ten minutes are an hour here, so that a burst across two windows and a slower one are seen. Only
  refusals count as errors: a tool that looks for keys that are not there is no prober. An address whose requests are
  already reported is not reported again as an account.
false_positives:
  - Your own scanner or inventory with too few rights; put its network under networks.trusted or grant it s3:ListBucket.
  - A misconfigured deployment that lost its rights to many buckets at once.
known_gaps:
  - Guesses at names that do not exist leave nothing in your logs.
  - One or two tries an hour from hundreds of addresses stay below; anonymous-probe-burst looks at the bucket instead.
  - Refused callers show no account in the access log when the signature failed.
next_steps:
  - "See what it tried: select bucket, action, status, error_code, count(*) from s3_events where source_ip = '<source_ip>' group by bucket, action, status, error_code order by bucket."
  - "See what it got: select event_time, bucket, key, action, bytes_out from s3_events where source_ip = '<source_ip>' and is_success order by event_time."
  - "Check whether the address or account did anything else: select event_source, event_name, error_code, count(*) from cloudtrail where source_ip_address = '<source_ip>' group by event_source, event_name, error_code."
  - If a principal of yours is behind it, find out why it lacks rights; if it is a stranger, check which of the tried buckets answer at all.
references:
  - https://attack.mitre.org/techniques/T1619/
  - https://attack.mitre.org/techniques/T1580/
---*/
with
tries as (
  select
    date_trunc('hour', events.event_time) as window_start,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.principal, events.source_ip,
    events.user_agent, events.is_success, events.row_id, events.is_anonymous,
    case
      when coalesce(accounts.relation, 'unknown') = 'unknown' and settings.has_own_accounts then events.principal_account_id
    end as foreign_account_id,
    coalesce(buckets.is_public, false) as is_public,
    events.is_anonymous and not coalesce(buckets.is_public, false) as is_anonymous_try,
    not events.is_success and (coalesce(events.status in (401, 403), false)
      or coalesce(events.error_code in ('AccessDenied', 'AllAccessDisabled', 'AccountProblem', 'InvalidAccessKeyId',
        'SignatureDoesNotMatch', 'ExpiredToken', 'InvalidToken', 'NoSuchBucket', 'Forbidden', '403'), false)) as is_refused
  from s3_events as events
  cross join settings
  left join accounts on accounts.account_id = events.principal_account_id
  left join accounts as owners on owners.account_id = events.account_id
  left join buckets on buckets.bucket = events.bucket
  where events.bucket is not null
    and not events.is_aws_service
    and events.principal_kind not in ('service', 'cloudfront')
    and not regexp_like(events.principal, ':role/AWSServiceRoleFor')
    -- CloudTrail also shows your principals at other owners' buckets.
    and (events.account_id is null or not settings.has_own_accounts or coalesce(owners.relation, 'none') = 'own')
),
address_totals as (
  select
    window_start, source_ip,
    count(*) as event_count,
    count(distinct bucket) as buckets,
    count(distinct case when is_anonymous_try then bucket end) as anonymous_buckets,
    sum(case when is_refused then 1 else 0 end) as refused
  from tries
  where source_ip is not null
  group by window_start, source_ip
),
addresses as (
  select window_start, source_ip, event_count, buckets, anonymous_buckets, refused
  from address_totals
  where (buckets >= $min_buckets and refused >= $min_refused * event_count)
    or anonymous_buckets >= $min_anonymous_buckets
),
account_totals as (
  select
    tries.window_start, tries.foreign_account_id,
    count(*) as event_count,
    count(distinct tries.bucket) as buckets,
    sum(case when tries.is_refused then 1 else 0 end) as refused,
    bool_or(addresses.source_ip is not null) as is_reported
  from tries
  left join addresses
    on addresses.window_start = tries.window_start
    and addresses.source_ip = tries.source_ip
  where tries.foreign_account_id is not null
  group by tries.window_start, tries.foreign_account_id
),
sources as (
  select
    window_start, source_ip, cast(null as varchar) as foreign_account_id, event_count, buckets, anonymous_buckets, refused
  from addresses
  union all
  select window_start, cast(null as varchar), foreign_account_id, event_count, buckets, 0, refused
  from account_totals
  where not is_reported
    and buckets >= $min_buckets
    and refused >= $min_refused * event_count
),
source_tries as (
  select
    sources.window_start, sources.source_ip, sources.foreign_account_id, tries.event_time, tries.account_id, tries.region,
    tries.bucket, tries.key, tries.principal, tries.user_agent, tries.is_success, tries.row_id,
    tries.is_success and not tries.is_public
      and (tries.is_anonymous or tries.foreign_account_id is not null) as is_stranger_let_in
  from sources
  join tries
    on tries.window_start = sources.window_start
    and tries.source_ip = sources.source_ip
  union all
  select
    sources.window_start, sources.source_ip, sources.foreign_account_id, tries.event_time, tries.account_id, tries.region,
    tries.bucket, tries.key, tries.principal, tries.user_agent, tries.is_success, tries.row_id,
    tries.is_success and not tries.is_public
  from sources
  join tries
    on tries.window_start = sources.window_start
    and tries.foreign_account_id = sources.foreign_account_id
  where sources.source_ip is null
),
source_rows as (
  select
    window_start, source_ip, foreign_account_id,
    max(account_id) as account_id,
    max(region) as region,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(distinct case when is_success then bucket end) as open_buckets,
    bool_or(is_stranger_let_in) as is_stranger_let_in,
    array_sort(array_agg(distinct bucket)) as bucket_list,
    array_sort(array_agg(distinct principal)) as principal_list,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from source_tries
  group by window_start, source_ip, foreign_account_id
),
source_texts as (
  select
    window_start, source_ip, foreign_account_id,
    element_at(bucket_list, 1) || coalesce(', ' || element_at(bucket_list, 2), '')
      || coalesce(', ' || element_at(bucket_list, 3), '') || case
        when cardinality(bucket_list) > 3 then ' and ' || cast(cardinality(bucket_list) - 3 as varchar) || ' more'
        else ''
      end as buckets,
    element_at(principal_list, 1) || case
      when cardinality(principal_list) > 1 then ' and ' || cast(cardinality(principal_list) - 1 as varchar) || ' more'
      else ''
    end as principals
  from source_rows
)
select
  sources.window_start,
  case
    when coalesce(networks.is_trusted, false) then 'low'
    when source_rows.is_stranger_let_in then 'high'
    else 'medium'
  end as severity,
  coalesce(sources.source_ip, 'account ' || sources.foreign_account_id) || ' tried ' || cast(sources.buckets as varchar)
    || ' buckets within an hour (' || cast(sources.event_count as varchar) || ' requests, '
    || cast(sources.refused as varchar) || ' refused, ' || cast(source_rows.open_buckets as varchar)
    || case when source_rows.open_buckets = 1 then ' bucket' else ' buckets' end || ' let it in) as '
    || source_texts.principals as summary,
  source_rows.account_id, source_rows.region,
  cast(null as varchar) as bucket,
  cast(null as varchar) as key,
  case when sources.source_ip is null then 'account:' || sources.foreign_account_id end as principal,
  sources.source_ip, source_rows.user_agent, source_rows.first_event_at, source_rows.last_event_at, sources.event_count,
  source_rows.row_ids as evidence,
  cast(null as varchar) as expected,
  source_texts.buckets as observed,
  cast(null as integer) as history_days,
  filter(array[
    case when sources.anonymous_buckets >= $min_anonymous_buckets then 'requester: ANONYMOUS' end,
    case when sources.refused >= $min_refused * sources.event_count then 'refused: MOST' end,
    case when coalesce(networks.is_trusted, false) then 'network: TRUSTED' end
  ], factor -> factor is not null) as factors
from sources
join source_rows
  on source_rows.window_start = sources.window_start
  and source_rows.source_ip is not distinct from sources.source_ip
  and source_rows.foreign_account_id is not distinct from sources.foreign_account_id
join source_texts
  on source_texts.window_start = sources.window_start
  and source_texts.source_ip is not distinct from sources.source_ip
  and source_texts.foreign_account_id is not distinct from sources.foreign_account_id
left join networks on networks.source_ip = sources.source_ip
order by sources.window_start, sources.source_ip, principal
