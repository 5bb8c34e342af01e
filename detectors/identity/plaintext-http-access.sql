/*---
id: plaintext-http-access
version: 1
title: unencrypted HTTP request
severity: low
severity_rules:
  - high when a signed request changed something, when the bucket or prefix is sensitive, or when the bucket is listed under tls_only and the request succeeded
  - info for website endpoints, which have no TLS, and for anonymous reads of buckets under public_buckets
family: identity
sources: [access_log, cloudtrail_data]
tactic: credential-access
mitre: [T1040, T1557]
window: hour
entity: [bucket, principal]
needs_learning: false
params: {}
description: >-
  A request reached S3 without TLS: its content could be read and changed on the way, and a signature or a presigned URL
  copied. Access-log rows count when they have an address and neither cipher nor TLS version; CloudTrail data events when
  both are absent. Lifecycle rows, the rows of batch deletes and rows of services never have TLS and do not count.
false_positives:
  - Website endpoints answer on HTTP only; they are info.
  - Scanners that try every bucket name over HTTP; they are refused and low. Suppress them by principal "anonymous" and status.
known_gaps:
  - Lines from before 2020 may lack the TLS fields altogether; of those, only rows with an authentication type are judged.
  - A proxy in front of S3 that speaks TLS to S3 hides plain HTTP behind it.
next_steps:
  - "See the requests: select event_time, action, key, principal, source_ip, user_agent, authentication_type, status from s3_events where bucket = '<bucket>' and tls_version is null and cipher_suite is null order by event_time."
  - Refuse them with a policy that denies s3:* when aws:SecureTransport is false.
  - Change the keys of a principal that signed such a request; a presigned URL ends with the credentials that signed it.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
  - https://attack.mitre.org/techniques/T1040/
---*/
with
plaintext as (
  select
    date_trunc('hour', events.event_time) as window_start,
    events.event_time, events.row_id, events.account_id, events.region, events.bucket, events.key, events.principal, events.source_ip,
    events.user_agent, events.is_success, events.action,
    coalesce(starts_with(events.operation, 'WEBSITE.'), false) as is_website,
    events.authentication_type is not null as is_signed,
    events.action_class in ('write', 'delete', 'permission', 'config') as is_change,
    coalesce(buckets.is_public, false) and events.is_anonymous and events.action_class in ('read', 'list') as is_public_read,
    coalesce(buckets.is_tls_only, false) and events.is_success as is_against_rule,
    (coalesce(buckets.is_sensitive, false) or has_prefix(events.key, buckets.sensitive_prefixes))
      and (events.is_success or events.authentication_type is not null) as is_sensitive
  from s3_events as events
  left join buckets on buckets.bucket = events.bucket
  where events.event_time >= $from
    and events.event_time < $to
    and events.tls_version is null
    and events.cipher_suite is null
    and not events.is_aws_service
    and (
      events.source = 'access_log'
        and regexp_like(events.operation, '^(REST|WEBSITE)[.]')
        -- The source row of a copy has no address, agent or TLS of its own.
        and events.source_ip is not null
        and events.operation not in ('REST.COPY.OBJECT_GET', 'REST.COPY.PART_GET')
        and (events.authentication_type is not null or events.event_time >= timestamp '2020-01-01 00:00:00')
      or events.source = 'cloudtrail'
        and exists (
          select 1
          from cloudtrail
          where cloudtrail.row_id = events.row_id
            and cloudtrail.event_category = 'Data'
            and cloudtrail.tls_details is null
        )
    )
),
totals as (
  select
    window_start, bucket, principal,
    max(account_id) as account_id,
    max(region) as region,
    min_by(key, row(event_time, row_id)) as key,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    sum(case when is_success then 1 else 0 end) as successes,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    bool_and(is_website or is_public_read) as is_expected,
    bool_or(is_signed and is_change) as is_signed_change,
    bool_or(is_sensitive and not is_website) as is_sensitive,
    bool_or(is_against_rule and not is_website) as is_against_rule
  from plaintext
  group by window_start, bucket, principal
)
select
  window_start,
  case
    when is_signed_change or is_sensitive or is_against_rule then 'high'
    when is_expected then 'info'
    else 'low'
  end as severity,
  principal || ' made ' || cast(event_count as varchar) || case when event_count = 1 then ' request' else ' requests' end
    || ' without TLS to bucket ' || bucket || ', ' || cast(successes as varchar) || ' of them successful' as summary,
  account_id, region, bucket, key, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  array[
    case when is_signed_change then 'requests: SIGNED CHANGES' end,
    case when is_sensitive then 'bucket: SENSITIVE' end,
    case when is_against_rule then 'bucket: TLS ONLY' end
  ] as factors
from totals
order by window_start, bucket, principal
