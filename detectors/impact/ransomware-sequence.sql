/*---
id: ransomware-sequence
version: 1
title: steps of a ransom attack on one bucket
severity: critical
family: impact
sources: [access_log, cloudtrail_data, cloudtrail_management]
tactic: impact
mitre: [T1486, T1485, T1490]
window: hour
entity: [bucket, principal]
needs_learning: false
params:
  min_stages:
    default: 3
    unit: steps
    description: Different steps within 24 hours, on one bucket or by one principal, from which on to alert.
  min_reads:
    default: 100
    unit: requests
    description: Reads by one principal in an hour that are bulk reading when they also exceed read_ratio times its greatest hour there.
  read_ratio:
    default: 3
    unit: times the greatest hour
    description: How far the reads must exceed the principal's greatest hour in the bucket.
  min_deletes:
    default: 50
    unit: requests
    description: Deletes in an hour that are bulk deletion when they also exceed delete_factor times the bucket's greatest hour.
  delete_factor:
    default: 1.5
    unit: times the greatest hour
    description: How far the deletes must exceed the bucket's greatest hour.
  min_purges:
    default: 20
    unit: versions
    description: Deletes by version in an hour by one principal.
  min_encrypted:
    default: 20
    unit: writes
    description: Writes in an hour by one principal under a key of the caller (SSE-C) or of an unknown account.
  baseline_days:
    default: 30
    unit: days
    description: History that reads, deletes and callers are compared with.
  notes:
    default: 'ransom[-_ .+!]*(note|demand|message)|(decrypt|unlock|recover|restore)[-_ .+!]*(your|my|all)[-_ .+!]*(files|data)|files[-_ .+!]*(deleted|encrypted|stolen|locked)|(read|open)[-_ .+!]*(me|this)[-_ .+!]*(to|for)[-_ .+!]*(decrypt|recover|restore)|how[-_ .+!]*to[-_ .+!]*(decrypt|(recover|restore|get)[-_ .+!]*(back|your|my|all|files|data))'
    description: Names of ransom notes, as a regular expression over the last part of the key in lower case.
description: >-
  Within 24 hours three different steps of a ransom attack were taken on one bucket, or by one principal on several. The steps: discovery (listing by a principal
  that was new to the bucket), protection taken away (versioning, logging, replication, default encryption, or the trail), bulk reading,
  destruction (bulk deletion, versions purged, or objects encrypted under a foreign key), and a ransom note. Destruction or a note
  must be among them, and so must one step that no migration takes: protection taken away, versions purged, foreign encryption, or
  a note; the catalogue's three of five alone would report every bucket that is copied and then emptied. Each hour in which a step is taken looks back over the 24 hours before it.
  A finding without a bucket is about a principal whose steps were spread over buckets.
false_positives:
  - Dismantling a bucket step by step (versioning off, versions purged) by a role that also read it out before.
known_gaps:
  - Steps further apart than 24 hours are not joined.
  - Bulk reading and bulk deletion are told by the history; a bucket without one shows fewer steps.
  - Encryption shows only in CloudTrail, and notes only under known names.
next_steps:
  - Stop the principal now. Deny it in the policy of every bucket it can reach, revoke its sessions and deactivate its keys.
  - "See the steps: select event_time, action, key, principal, source_ip, version_id from s3_events where bucket = '<bucket>' and action_class in ('list', 'delete', 'write', 'config', 'permission') order by event_time desc limit 500."
  - Switch versioning and logging on again, and take the versions that are left out of reach (another account).
  - Restore from versions, replicas or backups. Call your incident response before you answer a note.
references:
  - https://attack.mitre.org/techniques/T1486/
  - https://attack.mitre.org/techniques/T1490/
  - https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/ransomware.html
---*/
with
-- What the trail shows of the window and of the 24 hours before it.
protection_calls as (
  select event_time, bucket, principal, row_id, event_name, request_parameters
  from cloudtrail
  where event_name in ('PutBucketVersioning', 'PutBucketLogging', 'DeleteBucketReplication', 'DeleteBucketEncryption', 'StopLogging', 'DeleteTrail')
    and is_success
    and not is_aws_service
  union all
  select event_time, bucket, principal, row_id, event_name, request_parameters
  from earlier_cloudtrail
  where event_name in ('PutBucketVersioning', 'PutBucketLogging', 'DeleteBucketReplication', 'DeleteBucketEncryption', 'StopLogging', 'DeleteTrail')
    and is_success
    and not is_aws_service
),
protections_off as (
  select date_trunc('hour', event_time) as hour, bucket, principal, count(*) as events, min(row_id) as row_id
  from protection_calls
  where event_name in ('DeleteBucketReplication', 'DeleteBucketEncryption', 'StopLogging', 'DeleteTrail')
    or (event_name = 'PutBucketVersioning'
      and (json_extract_scalar(request_parameters, '$.VersioningConfiguration.Status') in ('Suspended', 'Disabled')
        or json_extract_scalar(request_parameters, '$.VersioningConfiguration.MfaDelete') = 'Disabled'))
    or (event_name = 'PutBucketLogging'
      and json_extract(request_parameters, '$.BucketLoggingStatus') is not null
      and json_extract(request_parameters, '$.BucketLoggingStatus.LoggingEnabled') is null)
  group by date_trunc('hour', event_time), bucket, principal
),
encrypted_writes as (
  select event_time, bucket, principal, row_id, sse_applied,
    regexp_extract(coalesce(response_elements, request_parameters), '"x-amz-server-side-encryption-aws-kms-key-id":\[?"arn:[a-z-]+:kms:[a-z0-9-]*:([0-9]{12}):', 1) as key_account_id
  from cloudtrail
  where event_name in ('PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload')
    and is_success
    and bucket is not null
    and sse_applied is not null
    and sse_applied not in ('SSE_S3', 'Default_SSE_S3')
  union all
  select event_time, bucket, principal, row_id, sse_applied,
    regexp_extract(coalesce(response_elements, request_parameters), '"x-amz-server-side-encryption-aws-kms-key-id":\[?"arn:[a-z-]+:kms:[a-z0-9-]*:([0-9]{12}):', 1)
  from earlier_cloudtrail
  where event_name in ('PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload')
    and is_success
    and bucket is not null
    and sse_applied is not null
    and sse_applied not in ('SSE_S3', 'Default_SSE_S3')
),
encryptions as (
  select
    date_trunc('hour', encrypted_writes.event_time) as hour, encrypted_writes.bucket, encrypted_writes.principal,
    count(*) as events, min(encrypted_writes.row_id) as row_id
  from encrypted_writes
  cross join settings
  left join accounts on accounts.account_id = encrypted_writes.key_account_id
  where encrypted_writes.sse_applied = 'SSE_C'
    or (regexp_like(encrypted_writes.key_account_id, '^[0-9]{12}$') and accounts.relation is null and settings.has_own_accounts)
  group by date_trunc('hour', encrypted_writes.event_time), encrypted_writes.bucket, encrypted_writes.principal
  having count(*) >= $min_encrypted
),
window_purges as (
  select date_trunc('hour', event_time) as hour, bucket, principal, count(*) as events, min(row_id) as row_id
  from s3_events
  where action in ('DeleteObject', 'DeleteObjectVersion')
    and version_id is not null
    and version_id <> ''
    and is_success
    and principal_kind <> 'service'
    and not is_aws_service
  group by date_trunc('hour', event_time), bucket, principal
  having count(*) >= $min_purges
),
window_note_rows as (
  select event_time, bucket, principal, row_id, regexp_extract(lower(key), '([^/]*)$', 1) as name
  from s3_events
  where action in ('PutObject', 'PostObject', 'CopyObject', 'CompleteMultipartUpload')
    and is_success
    and regexp_like(lower(key), 'ransom|decrypt|unlock|recover|restore|deleted|encrypted|stolen|locked|how[-_ .+!]*to[-_ .+!]*get')
),
window_notes as (
  select date_trunc('hour', event_time) as hour, bucket, principal, count(*) as events, min(row_id) as row_id
  from window_note_rows
  where regexp_like(name, $notes)
    and (regexp_like(name, '[.](txt|html?|md|hta|rtf)$') or strpos(regexp_extract(name, '[a-z](.*)$', 1), '.') = 0)
  group by date_trunc('hour', event_time), bucket, principal
),
-- Hours of bulk work of the rollup, of the window and of the 24 hours before it.
deletes as (
  select activity.bucket, activity.hour, activity.principal,
    greatest(max(activity.requests - activity.errors), max(cast(floor(activity.bytes_in / 100.0) as bigint))) as objects
  from activity
  where activity.action_class = 'delete'
    and activity.bucket is not null
    and activity.principal_kind <> 'service'
    and not activity.is_aws_service
  group by activity.bucket, activity.hour, activity.principal
),
delete_hours as (
  select bucket, hour, sum(objects) as objects, max_by(principal, row(objects, principal)) as principal
  from deletes
  group by bucket, hour
),
mass_deletes as (
  select recent.bucket, recent.hour, recent.principal, recent.objects
  from delete_hours as recent
  left join delete_hours as before
    on before.bucket = recent.bucket
    and before.hour < date_trunc('day', recent.hour)
    and before.hour >= date_trunc('day', recent.hour) - $baseline_days * interval '1' day
  where recent.objects >= $min_deletes
    and recent.hour >= cast($from as timestamp) - interval '24' hour
  group by recent.bucket, recent.hour, recent.principal, recent.objects
  having recent.objects >= $delete_factor * coalesce(max(before.objects), 0)
),
-- Buckets and principals with a step in the window that the rollup or the window itself shows.
suspect_buckets as (
  select bucket from protections_off where bucket is not null
  union
  select bucket from encryptions
  union
  select bucket from window_purges
  union
  select bucket from window_notes
  union
  select bucket from mass_deletes
),
suspect_principals as (
  select principal from protections_off
  union
  select principal from encryptions
  union
  select principal from window_purges
  union
  select principal from window_notes
  union
  select principal from mass_deletes
),
earlier_purges as (
  select date_trunc('hour', events.event_time) as hour, events.bucket, events.principal, events.source, count(*) as events, min(events.row_id) as row_id
  from suspect_principals
  join earlier_events as events on events.principal = suspect_principals.principal
  where events.action in ('DeleteObject', 'DeleteObjectVersion')
    and events.version_id is not null
    and events.version_id <> ''
    and events.is_success
    and not events.is_aws_service
  group by date_trunc('hour', events.event_time), events.bucket, events.principal, events.source
  having count(*) >= $min_purges
),
earlier_note_rows as (
  select events.event_time, events.bucket, events.principal, events.row_id, regexp_extract(lower(events.key), '([^/]*)$', 1) as name
  from suspect_principals
  join earlier_events as events on events.principal = suspect_principals.principal
  -- By operation where there is one, and the action of each row need not be worked out; regexp_extract is asked once for each value
  -- of a dictionary in the files, where in is asked of every row.
  where (events.operation is null or regexp_extract(events.operation, '^(REST.PUT.OBJECT|REST.POST.OBJECT|REST.COPY.OBJECT|REST.POST.UPLOAD)$', 1) <> '')
    and coalesce(events.operation, events.action) in (
      'REST.PUT.OBJECT', 'REST.POST.OBJECT', 'REST.COPY.OBJECT', 'REST.POST.UPLOAD',
      'PutObject', 'PostObject', 'CopyObject', 'CompleteMultipartUpload'
    )
    and events.is_success
    and regexp_like(lower(events.key), 'ransom|decrypt|unlock|recover|restore|deleted|encrypted|stolen|locked|how[-_ .+!]*to[-_ .+!]*get')
),
visits as (
  select
    activity.bucket, activity.principal, activity.hour, activity.action_class,
    max(activity.requests - activity.errors) as requests
  from activity
  where activity.action_class in ('read', 'list')
    and activity.bucket is not null
    and activity.requests > activity.errors
    and not activity.is_aws_service
    and activity.principal_kind not in ('service', 'cloudfront', 'unauthenticated')
    and (activity.bucket in (select bucket from suspect_buckets)
      or activity.principal in (select principal from suspect_principals))
  group by activity.bucket, activity.principal, activity.hour, activity.action_class
),
recent_visits as (
  select
    recent.bucket, recent.principal, recent.hour, recent.action_class, recent.requests,
    max(case when before.action_class = recent.action_class then before.requests else 0 end) as greatest_hour,
    count(before.hour) as hours_before
  from visits as recent
  left join visits as before
    on before.bucket = recent.bucket
    and before.principal = recent.principal
    and before.hour < date_trunc('day', recent.hour)
    and before.hour >= date_trunc('day', recent.hour) - $baseline_days * interval '1' day
  where recent.hour >= cast($from as timestamp) - interval '24' hour
    and (recent.action_class = 'list' or recent.requests >= $min_reads)
  group by recent.bucket, recent.principal, recent.hour, recent.action_class, recent.requests
),
known_buckets as (
  select visits.bucket
  from visits
  cross join settings
  group by visits.bucket, settings.learning_days
  having min(visits.hour) <= cast($from as timestamp) - settings.learning_days * interval '1' day
),
steps as (
  select hour, bucket, principal, 'protection taken away' as step, 'protection' as stage, true as is_strong, events, row_id
  from protections_off
  union all
  select hour, bucket, principal, 'objects encrypted under a foreign key', 'destruction', true, events, row_id from encryptions
  union all
  select hour, bucket, principal, 'versions purged', 'destruction', true, events, row_id from window_purges
  union all
  select hour, bucket, principal, 'versions purged', 'destruction', true, max(events), min(row_id)
  from earlier_purges
  group by hour, bucket, principal
  union all
  select hour, bucket, principal, 'ransom note', 'note', true, events, row_id from window_notes
  union all
  select date_trunc('hour', event_time), bucket, principal, 'ransom note', 'note', true, count(*), min(row_id)
  from earlier_note_rows
  where regexp_like(name, $notes)
    and (regexp_like(name, '[.](txt|html?|md|hta|rtf)$') or strpos(regexp_extract(name, '[a-z](.*)$', 1), '.') = 0)
  group by date_trunc('hour', event_time), bucket, principal
  union all
  select hour, bucket, principal, 'bulk deletion', 'destruction', false, cast(objects as bigint), null from mass_deletes
  union all
  select hour, bucket, principal, 'bulk reading', 'reading', false, requests, null
  from recent_visits
  where action_class = 'read'
    and requests >= $read_ratio * greatest_hour
  union all
  select recent_visits.hour, recent_visits.bucket, recent_visits.principal, 'discovery', 'discovery', false, recent_visits.requests, null
  from recent_visits
  join known_buckets on known_buckets.bucket = recent_visits.bucket
  where recent_visits.action_class = 'list'
    and recent_visits.hours_before = 0
),
-- Each hour of the window in which a step was taken, with the steps up to 24 hours back.
bucket_sequences as (
  select
    ends.hour as window_start, steps.bucket,
    count(distinct steps.stage) as stages,
    array_sort(array_agg(distinct steps.step)) as step_list,
    max_by(steps.principal, row(steps.is_strong, steps.stage in ('destruction', 'note'), steps.events, steps.principal)) as principal
  from (select distinct hour, bucket from steps where bucket is not null and hour >= cast($from as timestamp)) as ends
  join steps
    on steps.bucket = ends.bucket
    and steps.hour <= ends.hour
    and steps.hour > ends.hour - interval '24' hour
  group by ends.hour, steps.bucket
  having count(distinct steps.stage) >= $min_stages
    and bool_or(steps.is_strong)
    and bool_or(steps.stage in ('destruction', 'note'))
),
principal_sequences as (
  select
    ends.hour as window_start, steps.principal,
    count(distinct steps.stage) as stages,
    array_sort(array_agg(distinct steps.step)) as step_list
  from (select distinct hour, principal from steps where hour >= cast($from as timestamp)) as ends
  join steps
    on steps.principal = ends.principal
    and steps.hour <= ends.hour
    and steps.hour > ends.hour - interval '24' hour
  left join bucket_sequences
    on bucket_sequences.window_start = ends.hour
    and bucket_sequences.principal = ends.principal
  where bucket_sequences.principal is null
    and ends.principal not in ('anonymous', 'unauthenticated')
  group by ends.hour, steps.principal
  having count(distinct steps.stage) >= $min_stages
    and bool_or(steps.is_strong)
    and bool_or(steps.stage in ('destruction', 'note'))
),
sequences as (
  select window_start, bucket, principal, stages, step_list from bucket_sequences
  union all
  select window_start, cast(null as varchar), principal, stages, step_list from principal_sequences
),
-- The rows of the hour: what the principals of the steps did to the bucket, or the principal anywhere.
sequence_rows as (
  select
    sequences.window_start, sequences.bucket, sequences.principal,
    max(events.account_id) as account_id,
    max(events.region) as region,
    min_by(events.key, row(events.event_time, events.row_id)) as key,
    max_by(events.source_ip, row(events.event_time, events.row_id)) as source_ip,
    max_by(events.user_agent, row(events.event_time, events.row_id)) as user_agent,
    min(events.event_time) as first_event_at,
    max(events.event_time) as last_event_at,
    count(*) as event_count,
    max_by(events.row_id, row(events.event_time, events.row_id), 10) as row_ids
  from sequences
  join s3_events as events
    on events.principal = sequences.principal
    and date_trunc('hour', events.event_time) = sequences.window_start
  where (sequences.bucket is null or events.bucket = sequences.bucket)
    and events.action_class <> 'other'
  group by sequences.window_start, sequences.bucket, sequences.principal
)
select
  sequences.window_start,
  'critical' as severity,
  case
    when sequences.bucket is null then sequences.principal || ' took ' || cast(sequences.stages as varchar) || ' steps of a ransom attack within 24 hours: '
    else cast(sequences.stages as varchar) || ' steps of a ransom attack on the bucket ' || sequences.bucket || ' within 24 hours, by '
      || sequences.principal || ': '
  end || array_join(sequences.step_list, ', ') as summary,
  sequence_rows.account_id, sequence_rows.region, sequences.bucket, sequence_rows.key, sequences.principal, sequence_rows.source_ip,
  sequence_rows.user_agent,
  coalesce(sequence_rows.first_event_at, sequences.window_start) as first_event_at,
  coalesce(sequence_rows.last_event_at, sequences.window_start) as last_event_at,
  coalesce(sequence_rows.event_count, 1) as event_count,
  sequence_rows.row_ids as evidence,
  array_join(sequences.step_list, ', ') as observed,
  sequences.step_list as factors
from sequences
left join sequence_rows
  on sequence_rows.window_start = sequences.window_start
  and sequence_rows.principal = sequences.principal
  and sequence_rows.bucket is not distinct from sequences.bucket
order by sequences.window_start, sequences.bucket, sequences.principal
