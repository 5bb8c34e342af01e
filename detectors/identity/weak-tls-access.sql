/*---
id: weak-tls-access
version: 1
title: old TLS version or weak cipher
severity: low
severity_rules:
  - medium when the bucket or prefix is sensitive or listed under tls_only, and the request succeeded
family: identity
sources: [access_log, cloudtrail_data]
tactic: credential-access
mitre: [T1557]
window: day
entity: [principal, user_agent]
needs_learning: false
params:
  weak_ciphers:
    default: '(^|[-_])(rc4|3des|des|null|exp|export|export40|export56|md5|anon|adh|aecdh)([-_]|$)|des-cbc'
    description: Cipher suites that count as weak, as a regular expression over the name in lower case.
description: >-
  A client spoke TLS 1.0, TLS 1.1 or SSL, or used a cipher that is known to be weak (RC4, DES, 3DES, NULL, EXPORT, MD5,
  unauthenticated). One finding a principal, client and day. AWS has refused TLS below 1.2 at its endpoints since 2024, so in
  today's logs this is a proxy, a private endpoint or old log files. Refused requests of anonymous callers, which are scanners,
  and public reads do not count. Requests without any TLS are plaintext-http-access.
false_positives:
  - An appliance that nobody can update; suppress it by principal and user agent, with a date.
known_gaps:
  - Lines of access logs from before 2020 have no TLS fields.
  - What the client could have negotiated is not logged, only what it did.
next_steps:
  - "See who it is: select principal, user_agent, tls_version, cipher_suite, count(*) from s3_events where principal = '<principal>' group by principal, user_agent, tls_version, cipher_suite."
  - Update the SDK, the JVM or the appliance. Then deny the rest with the condition key s3:TlsVersion in the bucket policy.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
  - https://attack.mitre.org/techniques/T1557/
---*/
with
-- Grouped, so that the expressions are worked out for each kind of connection and not for each request.
weak_connections as (
  select tls_version, cipher_suite
  from (select distinct tls_version, cipher_suite from s3_events) as used
  where lower(tls_version) in ('tlsv1', 'tlsv1.0', 'tlsv1.1', 'sslv3', 'sslv2')
    or regexp_like(lower(cipher_suite), $weak_ciphers)
),
weak as (
  select
    date_trunc('day', events.event_time) as window_start,
    events.event_time, events.row_id, events.account_id, events.region, events.bucket, events.key, events.principal,
    events.source_ip, events.tls_version, events.cipher_suite,
    -- CloudTrail has the same agent in brackets.
    case
      when starts_with(events.user_agent, '[') then substr(events.user_agent, 2, length(events.user_agent) - 2)
      else events.user_agent
    end as user_agent,
    events.is_success and (
      coalesce(buckets.is_sensitive, false)
      or coalesce(buckets.is_tls_only, false)
      or has_prefix(events.key, buckets.sensitive_prefixes)
    ) as is_grave
  from s3_events as events
  join weak_connections
    on weak_connections.tls_version is not distinct from events.tls_version
    and weak_connections.cipher_suite is not distinct from events.cipher_suite
  left join buckets on buckets.bucket = events.bucket
  where not events.is_aws_service
    and not (events.is_anonymous and not events.is_success)
    and not (events.is_anonymous and coalesce(buckets.is_public, false) and events.action_class in ('read', 'list'))
),
totals as (
  select
    window_start, principal, user_agent,
    max(account_id) as account_id,
    max(region) as region,
    min_by(bucket, row(event_time, row_id)) as bucket,
    min_by(key, row(event_time, row_id)) as key,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(coalesce(tls_version, 'no version'), row(event_time, row_id)) as tls_version,
    min_by(coalesce(cipher_suite, 'no cipher'), row(event_time, row_id)) as cipher_suite,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as event_count,
    count(distinct bucket) as buckets,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    bool_or(is_grave) as is_grave
  from weak
  group by window_start, principal, user_agent
)
select
  window_start,
  case when is_grave then 'medium' else 'low' end as severity,
  principal || ' made ' || cast(event_count as varchar) || case when event_count = 1 then ' request' else ' requests' end
    || ' with ' || tls_version || ' and ' || cipher_suite || ' to '
    || case when buckets = 1 then 'bucket ' || bucket else cast(buckets as varchar) || ' buckets' end as summary,
  account_id, region, bucket, key, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  'TLSv1.2 or later' as expected,
  tls_version || ', ' || cipher_suite as observed,
  filter(array[
    'tls: WEAK',
    case when is_grave then 'bucket: SENSITIVE' end
  ], factor -> factor is not null) as factors
from totals
order by window_start, principal, user_agent
