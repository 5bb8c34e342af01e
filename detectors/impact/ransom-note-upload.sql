/*---
id: ransom-note-upload
version: 1
title: ransom note written
severity: high
severity_rules:
  - critical when the same note was written to three or more folders or buckets
family: impact
sources: [access_log, cloudtrail_data]
tactic: impact
mitre: [T1486, T1657]
window: hour
entity: [bucket, principal]
needs_learning: false
params:
  min_folders:
    default: 3
    unit: folders
    description: Folders (or buckets) in which one principal leaves a note of one name within the hour, from which on the severity is critical.
  notes:
    default: 'ransom[-_ .+!]*(note|demand|message)|(decrypt|unlock|recover|restore)[-_ .+!]*(your|my|all)[-_ .+!]*(files|data|documents|buckets?|objects)|(your|all|my)[-_ .+!]*(files|data|documents|buckets?|objects)[-_ .+!]*(are|were|have|has|is|been|[-_ .+!])*(deleted|encrypted|stolen|locked)|files[-_ .+!]*(deleted|encrypted|stolen|locked)|(read|open)[-_ .+!]*(me|this)[-_ .+!]*(to|for)[-_ .+!]*(decrypt|recover|restore)|how[-_ .+!]*to[-_ .+!]*(decrypt|(recover|restore|get)[-_ .+!]*(back|your|my|all|files|data))|how[-_ .+!]*to[-_ .+!]*(recover|restore)[^a-z]*([.](txt|html?|hta|rtf))?$'
    description: Names of notes, as a regular expression over the last part of the key in lower case.
description: >-
  An object was written whose name is that of a ransom note ("HOW_TO_DECRYPT_FILES.txt", "your-data-is-encrypted.html"), as text, a page or
  without an extension. The names are our own list. Bare words such as how, read, get, info or save match thousands of ordinary keys and are not used; against
  the catalogue, how-to-get and how-to-restore need a word of files or data behind them, or nothing, for manuals are full of both.
false_positives:
  - Manuals and tests of security software; suppress their bucket.
known_gaps:
  - Notes with other names, or in other languages, are not matched; the list is a parameter.
  - A note in an e-mail or in a bucket's tags leaves no key.
next_steps:
  - "See what else the principal did: select event_time, action, bucket, key, source_ip from s3_events where principal = '<principal>' order by event_time desc limit 200."
  - Read the note in a safe place and do not answer it yet.
  - Stop the principal (deny it in the bucket policies, revoke its sessions and keys), then look for deleted versions and changed encryption.
  - Restore from versions or backups, and keep the logs.
references:
  - https://attack.mitre.org/techniques/T1486/
  - https://attack.mitre.org/techniques/T1657/
---*/
with
-- The first search is cheap and drops nearly everything; the second looks at the last part of the key.
candidates as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, account_id, region, bucket, key, principal, source_ip, user_agent, row_id,
    regexp_extract(lower(key), '([^/]*)$', 1) as name
  from s3_events
  where action in ('PutObject', 'PostObject', 'CopyObject', 'CompleteMultipartUpload', 'CreateMultipartUpload', 'RenameObject')
    and is_success
    and bucket is not null
    and regexp_like(lower(key), 'ransom|decrypt|unlock|recover|restore|deleted|encrypted|stolen|locked|how[-_ .+!]*to[-_ .+!]*get')
),
notes as (
  select window_start, event_time, account_id, region, bucket, key, principal, source_ip, user_agent, row_id, name
  from candidates
  where regexp_like(name, $notes)
    and (regexp_like(name, '[.](txt|html?|md|hta|rtf)$') or strpos(regexp_extract(name, '[a-z](.*)$', 1), '.') = 0)
),
spreads as (
  select
    window_start, principal, name,
    count(distinct bucket || '/' || substr(key, 1, length(key) - length(name))) as folders
  from notes
  group by window_start, principal, name
),
totals as (
  select
    notes.window_start, notes.bucket, notes.principal,
    max(notes.account_id) as account_id,
    max(notes.region) as region,
    min_by(notes.key, row(notes.event_time, notes.row_id)) as key,
    min_by(notes.source_ip, row(notes.event_time, notes.row_id)) as source_ip,
    min_by(notes.user_agent, row(notes.event_time, notes.row_id)) as user_agent,
    min(notes.event_time) as first_event_at,
    max(notes.event_time) as last_event_at,
    count(*) as event_count,
    max(spreads.folders) as folders,
    min_by(notes.row_id, row(notes.event_time, notes.row_id), 10) as row_ids
  from notes
  join spreads
    on spreads.window_start = notes.window_start
    and spreads.principal = notes.principal
    and spreads.name = notes.name
  group by notes.window_start, notes.bucket, notes.principal
)
select
  window_start,
  case when folders >= $min_folders then 'critical' else 'high' end as severity,
  principal || ' wrote what is named like a ransom note to the bucket ' || bucket || ': ' || key
    || case when folders > 1 then ', and the same in ' || cast(folders - 1 as varchar) || ' more folders' else '' end as summary,
  account_id, region, bucket, key, principal, source_ip, user_agent, first_event_at, last_event_at, event_count,
  row_ids as evidence,
  key as observed,
  filter(array[
    'name: RANSOM NOTE',
    case when folders >= $min_folders then 'folders: MANY' end
  ], factor -> factor is not null) as factors
from totals
order by window_start, bucket, principal
