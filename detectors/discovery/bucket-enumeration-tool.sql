/*---
id: bucket-enumeration-tool
version: 1
title: fingerprint of a bucket-hunting tool
severity: medium
severity_rules:
  - high when one of the requests without a signature, or of an unknown account, succeeded on a bucket that is not public
  - low when the source is in a trusted network
family: discovery
sources: [access_log, cloudtrail_data]
tactic: discovery
mitre: [T1619, T1580, T1595.003]
window: day
entity: [source_ip]
needs_learning: false
params:
  max_seconds:
    default: 60
    unit: seconds
    description: Time within which one address must go through the steps of a scan of one bucket.
  tool_agents:
    default: 'bucket-stream|s3scanner|s3-scanner|bucket[-_ ]?finder|lazys3|(^|[^a-z])slurp([^a-z]|$)|s3-?inspector|cloud_enum|s3enum|s3recon|aws-?bucket-?dump|teh_s3_bucketeers|s3-?bucket-?bruteforcer|bucketkicker|goblob|s3cario'
    description: Names of bucket hunters, as a regular expression over the user agent in lower case.
description: >-
  An address behaves like one of the public tools that guess bucket names and try what they find. Three fingerprints, of
  which one is enough. bucket-stream asks for the head of a bucket over plain HTTP without a signature and with the agent
  python-requests, or, with keys of its own, for the head and the ACL of a bucket through boto3 from an account that is
  not yours. S3Scanner (3 and later) asks one bucket within a minute for its head, its ACL and a listing with the agent of
  the Go SDK or of Go itself, unsigned or from an account that is not yours. Other tools say their name in the user agent.
  Requests of your own accounts count only when the agent names a tool. Public buckets are
  looked at by many; there only a tool that says its name counts.
false_positives:
  - A scanner that you ordered; put its network under networks.trusted.
  - An uptime check that heads a bucket that is not public over plain HTTP with python-requests; repair it.
known_gaps:
  - Names that the tool guesses wrongly leave nothing in your logs, so one bucket is usually all there is to see.
  - A tool with another agent and another order of requests is not recognised; bucket-enumeration-by-source counts instead.
  - CloudTrail alone does not hold requests whose signature failed.
  - Lines of before 2019 do not show the TLS version and look like plain HTTP.
next_steps:
  - "See what it tried and what it got: select event_time, bucket, key, action, status, error_code, user_agent from s3_events where source_ip = '<source_ip>' order by event_time."
  - If a request succeeded, see what lets strangers in (bucket policy, ACL, Block Public Access) and close it.
  - "See whether anybody came back for the objects: select source_ip, action, count(*) from s3_events where is_anonymous and is_success group by source_ip, action order by 3 desc."
references:
  - https://attack.mitre.org/techniques/T1619/
  - https://attack.mitre.org/techniques/T1580/
  - https://github.com/sa7mon/S3Scanner
  - https://github.com/eth0izzle/bucket-stream
---*/
with
-- Grouped, so that the expressions are worked out for each agent and not for each request.
agents as (
  select
    used.user_agent,
    bool_or(regexp_like(lower(used.user_agent), $tool_agents)) as is_tool,
    bool_or(regexp_like(lower(used.user_agent), '^.?python-requests/')) as is_requests,
    bool_or(regexp_like(lower(used.user_agent), '^.?boto3/')) as is_boto,
    bool_or(regexp_like(lower(used.user_agent), '^.?(aws-sdk-go-v2|go-http-client)/')) as is_go
  from (select distinct user_agent from s3_events where user_agent is not null) as used
  group by used.user_agent
),
suspects as (
  select user_agent, is_tool, is_requests, is_boto, is_go
  from agents
  where is_tool or is_requests or is_boto or is_go
),
-- All that a named tool did; of other agents what a scan is made of: by operation where that is enough, because the action is worked
-- out for each row.
requests as (
  select
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.action, events.principal,
    events.principal_kind, events.principal_account_id, events.source_ip, events.user_agent, events.row_id,
    events.is_anonymous, events.is_success, events.is_bucket_owner, events.tls_version, events.cipher_suite,
    suspects.is_tool, suspects.is_requests, suspects.is_boto, suspects.is_go
  from s3_events as events
  join suspects on suspects.user_agent = events.user_agent
  where suspects.is_tool
    and events.bucket is not null
    and events.source_ip is not null
    and not events.is_aws_service
  union all
  select
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.action, events.principal,
    events.principal_kind, events.principal_account_id, events.source_ip, events.user_agent, events.row_id,
    events.is_anonymous, events.is_success, events.is_bucket_owner, events.tls_version, events.cipher_suite,
    suspects.is_tool, suspects.is_requests, suspects.is_boto, suspects.is_go
  from s3_events as events
  join suspects on suspects.user_agent = events.user_agent
  where not suspects.is_tool
    and (events.operation is null or regexp_extract(events.operation, '^(REST.HEAD.BUCKET|REST.GET.ACL|REST.GET.BUCKET)$', 1) <> '')
    and (coalesce(events.operation, '') in ('REST.HEAD.BUCKET', 'REST.GET.BUCKET') or events.action in ('HeadBucket', 'GetBucketAcl', 'ListObjects'))
    and events.bucket is not null
    and events.source_ip is not null
    and not events.is_aws_service
),
tries as (
  select
    date_trunc('day', events.event_time) as window_start,
    events.event_time, events.account_id, events.region, events.bucket, events.key, events.action, events.principal,
    events.source_ip, events.user_agent, events.row_id, events.is_anonymous, events.is_success,
    events.is_tool, events.is_requests, events.is_boto, events.is_go,
    events.tls_version is null and events.cipher_suite is null as is_plain_http,
    coalesce(buckets.is_public, false) as is_public,
    not events.is_anonymous and (events.principal_kind = 'canonical' and not coalesce(events.is_bucket_owner, false)
      or settings.has_own_accounts and events.principal_account_id is not null
        and coalesce(accounts.relation, 'unknown') = 'unknown') as is_foreign
  from requests as events
  cross join settings
  left join accounts on accounts.account_id = events.principal_account_id
  left join buckets on buckets.bucket = events.bucket
  where events.principal_kind not in ('service', 'cloudfront')
    and (events.is_tool or events.is_anonymous or events.principal_kind = 'canonical'
      or coalesce(accounts.relation, 'unknown') = 'unknown')
),
steps as (
  select
    window_start, event_time, account_id, region, bucket, action, principal, source_ip, user_agent, row_id,
    is_anonymous, is_foreign, is_success, is_public, is_tool, is_requests, is_boto, is_go, is_plain_http,
    max(case when action = 'HeadBucket' then event_time end) over before_it as head_at,
    max(case when action = 'GetBucketAcl' then event_time end) over before_it as acl_at
  from tries
  window before_it as (partition by source_ip, bucket, is_go order by event_time range between unbounded preceding and current row)
),
hits as (
  select
    window_start, event_time, account_id, region, bucket, principal, source_ip, user_agent, row_id, is_success, is_public,
    is_anonymous, is_foreign,
    case
      when is_tool then 'named in the agent'
      when is_anonymous and is_requests and is_plain_http and action = 'HeadBucket' then 'bucket-stream'
      when is_foreign and is_boto and action = 'GetBucketAcl'
        and date_diff('second', head_at, event_time) <= $max_seconds then 'bucket-stream'
      else 'S3Scanner'
    end as tool
  from steps
  where is_tool
    or (not is_public and is_anonymous and is_requests and is_plain_http and action = 'HeadBucket')
    or (not is_public and is_foreign and is_boto and action = 'GetBucketAcl'
      and coalesce(date_diff('second', head_at, event_time) <= $max_seconds, false))
    or (not is_public and (is_anonymous or is_foreign) and is_go and action = 'ListObjects'
      and coalesce(head_at <= acl_at and date_diff('second', head_at, event_time) <= $max_seconds, false))
),
sources as (
  select
    window_start, source_ip,
    min(tool) as tool,
    count(distinct tool) as tools,
    array_sort(array_agg(distinct bucket)) as bucket_list
  from hits
  group by window_start, source_ip
),
totals as (
  select
    sources.window_start, sources.source_ip,
    max(tries.account_id) as account_id,
    max(tries.region) as region,
    min_by(tries.bucket, row(tries.event_time, tries.row_id)) as bucket,
    min_by(tries.principal, row(tries.event_time, tries.row_id)) as principal,
    min_by(tries.user_agent, row(tries.event_time, tries.row_id)) as user_agent,
    min(tries.event_time) as first_event_at,
    max(tries.event_time) as last_event_at,
    count(*) as event_count,
    bool_or(tries.is_success and not tries.is_public and (tries.is_anonymous or tries.is_foreign)) as is_stranger_let_in,
    min_by(tries.row_id, row(tries.event_time, tries.row_id), 10) as row_ids
  from sources
  join tries
    on tries.window_start = sources.window_start
    and tries.source_ip = sources.source_ip
  group by sources.window_start, sources.source_ip
)
select
  totals.window_start,
  case
    when coalesce(networks.is_trusted, false) then 'low'
    when totals.is_stranger_let_in then 'high'
    else 'medium'
  end as severity,
  totals.source_ip || ' tries buckets as a hunting tool does (' || sources.tool || '): '
    || element_at(sources.bucket_list, 1) || coalesce(', ' || element_at(sources.bucket_list, 2), '')
    || case
      when cardinality(sources.bucket_list) > 2 then ' and ' || cast(cardinality(sources.bucket_list) - 2 as varchar) || ' more'
      else ''
    end
    || case when totals.is_stranger_let_in then ', and was let in' else '' end as summary,
  totals.account_id, totals.region, totals.bucket, totals.principal, totals.source_ip, totals.user_agent,
  totals.first_event_at, totals.last_event_at, totals.event_count,
  totals.row_ids as evidence,
  sources.tool as observed,
  filter(array[
    'tool: ' || upper(sources.tool),
    case when totals.is_stranger_let_in then 'answer: LET IN' end,
    case when coalesce(networks.is_trusted, false) then 'network: TRUSTED' end
  ], factor -> factor is not null) as factors
from totals
join sources
  on sources.window_start = totals.window_start
  and sources.source_ip = totals.source_ip
left join networks on networks.source_ip = totals.source_ip
order by totals.window_start, totals.source_ip
