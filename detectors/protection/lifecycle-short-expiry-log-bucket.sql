/*---
id: lifecycle-short-expiry-log-bucket
version: 1
title: lifecycle rule that wipes logs
severity: high
severity_rules:
  - critical when it deletes within a week
  - one level lower when only the bucket's name says that it holds logs
family: protection
sources: [cloudtrail_management]
tactic: defense-evasion
mitre: [T1562.008, T1485.001]
window: hour
entity: [bucket, principal]
needs_learning: false
params:
  min_retention_days:
    default: 90
    unit: days
    description: How long logs must be kept at least; a rule that deletes them earlier counts.
  ignored_prefixes:
    default: [tmp/, temp/, cache/, _temporary/]
    description: Rules for keys that start like this are not judged.
description: >-
  A lifecycle configuration was set on a log bucket of which an enabled rule deletes objects, or their replaced versions,
  before the retention that you ask for, and the configuration before did not delete them that soon. S3 then deletes the
  traces by itself, and no principal shows.
false_positives:
  - A planned shorter retention; set min_retention_days to it.
  - A prefix of query results in the bucket; name it in ignored_prefixes.
  - Infrastructure as code that sets the same rules again; quiet once the earlier ones have been seen.
known_gaps:
  - A configuration of more than 100 KB is not logged; policy-change-params-omitted tells.
  - The first configuration that is seen for a bucket has nothing before it; it counts whenever a rule is short.
next_steps:
  - "Undo it first, expiry runs once a day after midnight UTC: aws s3api put-bucket-lifecycle-configuration with the earlier rules, or aws s3api delete-bucket-lifecycle --bucket <bucket>."
  - "Read the calls: select event_time, principal, request_parameters from cloudtrail where bucket = '<bucket>' and event_name in ('PutBucketLifecycle', 'PutBucketLifecycleConfiguration', 'DeleteBucketLifecycle') order by event_time desc limit 5."
  - "See what has gone already: select day, count(*) from (select date_trunc('day', event_time) as day from s3_events where bucket = '<bucket>' and operation in ('S3.EXPIRE.OBJECT', 'S3.CREATE.DELETEMARKER')) group by day order by day desc; with versioning, delete the delete markers."
  - If nobody owns the change, revoke the sessions of the principal and look at its other calls.
references:
  - https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
  - https://attack.mitre.org/techniques/T1562/008/
---*/
with
sensitive_buckets as (
  select bucket from buckets where is_sensitive
  union
  select bucket from sensitive_prefixes
),
rules as (
  select
    date_trunc('hour', rules.event_time) as window_start,
    rules.row_id, rules.event_time, rules.account_id, rules.region, rules.bucket, rules.principal, rules.source_ip, rules.user_agent,
    rules.versions, rules.days, rules.kept_versions, rules.is_filtered, rules.is_before_known, rules.previous_days,
    coalesce(rules.rule_id, 'without a name') as rule_id,
    case
      when not rules.is_filtered then 'every key'
      else array_join(array[
        case when rules.key_prefix <> '' then 'prefix ' || rules.key_prefix end,
        rules.condition], ', ')
    end as scope,
    buckets.is_log,
    sensitive_buckets.bucket is not null as is_sensitive
  from expiry_rules as rules
  left join buckets on buckets.bucket = rules.bucket
  left join sensitive_buckets on sensitive_buckets.bucket = rules.bucket
  where rules.event_time >= $from
    and rules.event_time < $to
    and rules.days < $min_retention_days
    and (rules.previous_days is null or rules.days < rules.previous_days)
    and (buckets.is_log or buckets.is_log_guess)
    and not exists (
      select 1
      from unnest($ignored_prefixes) as ignored (prefix)
      where starts_with(rules.key_prefix, ignored.prefix)
    )
),
calls as (
  select
    window_start, bucket, principal,
    max(account_id) as account_id,
    max(region) as region,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    count(distinct row_id) as event_count,
    count(*) as rules,
    min(days) as days,
    min_by(rule_id, row(days, event_time, rule_id)) as rule_id,
    min_by(scope, row(days, event_time, rule_id)) as scope,
    min_by(versions, row(days, event_time, rule_id)) as versions,
    min_by(case
      when not is_before_known then 'unknown'
      when previous_days is null then 'kept'
      else 'deleted after ' || cast(previous_days as varchar) || ' days'
    end, row(days, event_time, rule_id)) as before,
    array_agg(distinct row_id order by row_id) as row_ids,
    bool_or(not is_filtered) as takes_everything,
    bool_and(kept_versions > 0) as keeps_some,
    bool_or(is_log) as is_log,
    bool_or(is_sensitive) as is_sensitive
  from rules
  group by window_start, bucket, principal
)
select
  window_start,
  case
    when days < 7 and is_log then 'critical'
    when days < 7 or is_log then 'high'
    else 'medium'
  end as severity,
  principal || ' made bucket ' || bucket || ' delete ' || case when versions = 'current' then 'objects' else 'replaced versions' end
    || ' after ' || cast(days as varchar) || ' days (' || scope || ')'
    || case when rules > 1 then ' and by ' || cast(rules - 1 as varchar) || ' more rules' else '' end as summary,
  account_id, region, bucket, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  slice(row_ids, 1, 10) as evidence,
  before as expected,
  'rule ' || rule_id || ': ' || cast(days as varchar) || ' days, ' || scope as observed,
  array[
    case when takes_everything then 'keys: ALL' else 'keys: SOME' end,
    case when before = 'unknown' then 'before: UNKNOWN' end,
    case when is_sensitive then 'bucket: SENSITIVE' end
  ] as factors
from calls
order by window_start, bucket, principal
