/*---
id: presigned-url-shared
version: 1
title: presigned URL used from many places
severity: medium
severity_rules:
  - high when the bucket or prefix is sensitive
family: identity
sources: [access_log]
tactic: initial-access
mitre: [T1550.001, T1530]
window: day
entity: [bucket, key]
needs_learning: false
params:
  min_networks:
    default: 3
    unit: networks
    description: Networks (IPv4 /24, IPv6 /48) that one URL is used from on a day, from which on to alert.
  min_countries:
    default: 2
    unit: countries
    description: Countries that one URL is used from, from which on to alert; only with a country database (geoip.country).
  previews:
    default: 'slackbot|slack-imgproxy|microsoft office|skypeuripreview|teams|safelinks|barracuda|mimecast|proofpoint|googleimageproxy|google-safety|facebookexternalhit|twitterbot|linkedinbot|whatsapp|telegrambot|discordbot|bingpreview|urlscan|virustotal'
    description: Clients that open links for somebody else (chat previews, mail scanners), as a regular expression over the user agent in lower case.
description: >-
  One presigned URL was used with success from three networks or from two countries on a day. Whoever has such a URL is let in, so one
  that travels (a public post, a forwarded mail, a log that leaked) hands the object to all who see it. Signatures are blanked when logs are read;
  a URL is told by bucket, key, signer, time of signing to the second and lifetime, which nothing but a repetition shares.
false_positives:
  - Links that are sent to many people on purpose, such as newsletters and downloads; suppress them by bucket and prefix.
  - One person between office, home and mobile network on one day; raise min_networks for such buckets.
  - Chat previews and mail scanners that are not in the list of previews.
known_gaps:
  - A URL with a life of days that is used from one place a day is not put together across days.
  - CloudTrail is not looked at; it has the time of signing as well, and the access log sees every use of a bucket that has one.
  - A copy that is used in the network of its owner looks like its owner.
next_steps:
  - "See who used it: select event_time, remote_ip, user_agent, referer, http_status, bytes_sent, requester from s3_access_log where bucket = '<bucket>' and authentication_type = 'QueryString' order by event_time."
  - The referer often says where the link stands. Take it down there.
  - A URL ends with the credentials that signed it; revoke the sessions of the signer, or deny the key in the bucket policy, and sign with a shorter life (s3:signatureAge).
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
  - https://attack.mitre.org/techniques/T1550/001/
---*/
with
uses as (
  select
    event_time, bucket, key, principal, remote_ip, source_network, user_agent, row_id,
    regexp_extract(request_uri, '[?&](X-Amz-Date=[0-9TZ]+|Expires=[0-9]+)', 1) as signed_at,
    regexp_extract(request_uri, '[?&](X-Amz-Expires=[0-9]+)', 1) as lifetime
  from (
    select
      event_time, bucket, key, principal, remote_ip, source_network, user_agent, request_uri,
      log_uri || '#' || cast(log_line as varchar) as row_id
    from s3_access_log
    where event_time >= $from
      and event_time < $to
      and authentication_type = 'QueryString'
      and operation in ('REST.GET.OBJECT', 'REST.PUT.OBJECT')
      and http_status between 200 and 299
      and key is not null
  ) as presigned
),
places as (
  select
    date_trunc('day', uses.event_time) as window_start,
    uses.event_time, uses.bucket, uses.key, uses.principal, uses.remote_ip, uses.user_agent, uses.row_id, uses.signed_at, uses.lifetime,
    uses.source_network, networks.country,
    coalesce(buckets.is_sensitive, false) or has_prefix(uses.key, buckets.sensitive_prefixes) as is_sensitive
  from uses
  join networks on networks.source_ip = uses.remote_ip
  left join buckets on buckets.bucket = uses.bucket
  where networks.is_global
    and not networks.is_trusted
    and not regexp_like(lower(coalesce(uses.user_agent, '')), $previews)
),
urls as (
  select
    window_start, bucket, key, principal, signed_at, lifetime,
    min_by(remote_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(*) as uses,
    count(distinct source_network) as networks,
    count(distinct country) as countries,
    min_by(row_id, row(event_time, row_id), 10) as row_ids,
    bool_or(is_sensitive) as is_sensitive
  from places
  group by window_start, bucket, key, principal, signed_at, lifetime
  -- Not a condition on the rows, which would be worked out for the URIs of all requests first.
  having max(signed_at) <> ''
),
-- One finding an object and day, about the URL that travelled furthest.
objects as (
  select
    window_start, bucket, key,
    max_by(principal, row(networks, uses, signed_at)) as principal,
    max_by(source_ip, row(networks, uses, signed_at)) as source_ip,
    max_by(user_agent, row(networks, uses, signed_at)) as user_agent,
    max_by(row_ids, row(networks, uses, signed_at)) as row_ids,
    min(first_event_at) as first_event_at,
    max(last_event_at) as last_event_at,
    sum(uses) as uses,
    count(*) as urls,
    max(networks) as networks,
    max(countries) as countries,
    bool_or(is_sensitive) as is_sensitive
  from urls
  where networks >= $min_networks
    or (networks >= 2 and countries >= $min_countries)
  group by window_start, bucket, key
)
select
  window_start,
  case when is_sensitive then 'high' else 'medium' end as severity,
  'a presigned URL of ' || principal || ' for ' || bucket || '/' || key || ' was used from ' || cast(networks as varchar) || ' networks'
    || case when countries > 1 then ' in ' || cast(countries as varchar) || ' countries' else '' end
    || case when urls > 1 then ', and ' || cast(urls - 1 as varchar) || ' more URLs for it' else '' end as summary,
  bucket, key, principal, source_ip, user_agent, first_event_at, last_event_at,
  cast(uses as bigint) as event_count,
  row_ids as evidence,
  'fewer than ' || cast($min_networks as varchar) || ' networks' as expected,
  cast(networks as varchar) || ' networks' as observed,
  filter(array[
    'url: SHARED',
    case when countries > 1 then 'countries: SEVERAL' end,
    case when is_sensitive then 'bucket: SENSITIVE' end
  ], factor -> factor is not null) as factors
from objects
order by window_start, bucket, key
