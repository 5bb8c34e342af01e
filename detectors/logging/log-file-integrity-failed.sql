/*---
id: log-file-integrity-failed
version: 1
title: CloudTrail log files contradict their digests
severity: high
severity_rules:
  - critical when a log file or a digest is not what the digests say, or a signature is wrong.
  - medium when all that is wrong is time without digests, or a chain of digests that began again.
family: logging
sources: [cloudtrail_management]
tactic: defense-evasion
mitre: [T1070, T1565.001]
window: hour
entity: [account_id, region, bucket]
needs_learning: false
params:
  grace_hours:
    default: 2
    unit: hours
    description: How long a file or digest may be missing or without a digest before it counts; 24 at most.
description: >-
  A trail with log file validation writes a signed digest every hour: which log files it delivered, their SHA-256, and the
  hash of the digest before. Whoever changes, deletes or adds a log file, or a digest, contradicts them. The finding says
  what differs in the hour that the digest ended; the table integrity_problems has every file.
false_positives:
  - Files that a lifecycle rule expired or moved to an archive before they were read.
  - Log files of a second trail without validation that delivers into the same folders; no digest names them.
  - A damaged copy of a file, such as one whose download was cut short.
  - A chain that begins again after somebody switched logging or validation off and on; the finding says for how long.
known_gaps:
  - Works only with digests among the sources; a trail without validation has none.
  - Without public keys, whoever may write digests can write ones that agree with what was changed (docs/log-integrity.md).
  - Files before the first day that was read, and of accounts and Regions of which nothing was read, are not missed.
  - Hours behind the newest digest are not checked yet.
next_steps:
  - "List what is wrong: select time, kind, key, uri, detail from integrity_problems where account_id = '<account_id>' and region = '<region>' order by time, kind, key."
  - "See who touched the bucket: select event_time, action, key, principal, source_ip from s3_events where bucket = '<bucket>' and action_class in ('write', 'delete', 'permission', 'config') order by event_time desc limit 50."
  - Compare with another copy (replication, versioning, backup) and keep the objects as they are for evidence.
  - Check the same hours with another tool, such as aws cloudtrail validate-logs, before drawing conclusions about a person.
  - See whether log file validation is still on for the trail, and who may write to its bucket.
references:
  - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html
  - https://attack.mitre.org/techniques/T1070/
---*/
with
problems as (
  select
    date_trunc('hour', "time") as window_start, "time", kind, account_id, region, bucket, "key", uri, detail,
    case
      when kind in ('file-changed', 'digest-changed', 'signature-wrong') then 1
      when kind in ('digest-gap', 'chain-restarted') then 3
      else 2
    end as rank,
    case kind
      when 'file-changed' then 'changed log file'
      when 'file-missing' then 'missing log file'
      when 'file-unnamed' then 'log file that no digest names'
      when 'digest-changed' then 'changed digest'
      when 'digest-missing' then 'missing digest'
      when 'digest-moved' then 'digest under another name'
      when 'digest-malformed' then 'malformed digest'
      when 'digest-gap' then 'time without digests'
      when 'chain-restarted' then 'chain of digests that began again'
      else 'wrong signature of a digest'
    end as meaning
  from integrity_problems
  where "time" >= $from
    and "time" < $to
    and (waiting_hours is null or waiting_hours >= $grace_hours)
),
kinds as (
  select window_start, account_id, region, bucket, rank, meaning, count(*) as problems
  from problems
  group by window_start, account_id, region, bucket, rank, meaning
),
summaries as (
  select
    window_start, account_id, region, bucket,
    array_agg(meaning || ' (' || cast(problems as varchar) || ')' order by rank, meaning) as meanings
  from kinds
  group by window_start, account_id, region, bucket
),
totals as (
  select
    window_start, account_id, region, bucket,
    min(rank) as rank,
    min("time") as first_event_at,
    max("time") as last_event_at,
    count(*) as event_count,
    min_by("key", row(rank, kind, "key")) as example_key,
    min_by(detail, row(rank, kind, "key")) as example_detail,
    min_by(uri || '#0', row(rank, kind, "key"), 10) filter (where kind in ('file-changed', 'file-unnamed') and uri is not null) as row_ids
  from problems
  group by window_start, account_id, region, bucket
)
select
  totals.window_start,
  case totals.rank when 1 then 'critical' when 2 then 'high' else 'medium' end as severity,
  'digests of ' || coalesce(totals.account_id, 'unknown') || ' in ' || coalesce(totals.region, 'unknown') || ' show: '
    || array_join(summaries.meanings, ', ') as summary,
  totals.account_id, totals.region, totals.bucket, totals.example_key as "key", totals.first_event_at, totals.last_event_at,
  totals.event_count, totals.row_ids as evidence,
  'every log file as its digest says' as expected,
  totals.example_detail as observed,
  summaries.meanings as factors
from totals
join summaries
  on summaries.window_start = totals.window_start
  and summaries.account_id is not distinct from totals.account_id
  and summaries.region is not distinct from totals.region
  and summaries.bucket is not distinct from totals.bucket
order by totals.window_start, totals.account_id, totals.region, totals.bucket
