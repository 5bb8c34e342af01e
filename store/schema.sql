-- The catalog: what has been read, what the lake holds, what was found. Times are UTC.

create table if not exists catalog_version (version integer not null);

-- The ledger. An object is known by uri and etag; a changed object is a new row and its old one stays.
create table if not exists objects (
  uri varchar not null,
  etag varchar not null,
  size bigint not null,
  format varchar not null,
  run_id varchar not null,
  read_at timestamp not null,
  lines bigint not null,
  "rows" bigint not null,
  duplicates bigint not null,
  rejected bigint not null,
  skipped varchar
);

-- Objects that could not be read; tried again by every run until they can be.
create table if not exists object_failures (
  uri varchar not null,
  etag varchar not null,
  error varchar not null,
  attempts integer not null,
  first_at timestamp not null,
  last_at timestamp not null
);

-- When a source was last listed and all that it listed was read. Only lengthens the look-back after a pause of the job.
create table if not exists source_listings (
  source varchar not null,
  listed_at timestamp not null
);

-- The principals with which sources of the config were read: our own requests in the logs are told by them.
create table if not exists own_principals (
  principal varchar not null,
  last_seen_at timestamp not null
);

-- The manifest: a file of the lake that is not named here does not exist.
create table if not exists lake_files (
  table_name varchar not null,
  path varchar not null,
  day date not null,
  "rows" bigint not null,
  bytes bigint not null,
  min_event_time timestamp,
  max_event_time timestamp,
  run_id varchar not null
);

create table if not exists runs (
  run_id varchar not null,
  command varchar not null,
  status varchar not null,
  started_at timestamp not null,
  ended_at timestamp,
  objects bigint not null,
  objects_skipped bigint not null,
  objects_failed bigint not null,
  lines bigint not null,
  "rows" bigint not null,
  duplicates bigint not null,
  rejected bigint not null,
  skipped varchar,
  bytes bigint not null
);

-- Hours of event time that gained rows and that detectors have not looked at yet.
create table if not exists pending_hours (
  hour timestamp not null,
  run_id varchar not null
);

-- What buckets and trails were set to, in the order of events; detectors compare a change with the one before it.
create table if not exists configuration (
  event_time timestamp not null,
  event_name varchar not null,
  account_id varchar,
  aws_region varchar,
  resource varchar,
  parameters varchar,
  row_id varchar not null
);

create table if not exists findings (
  id varchar not null,
  dedupe_key varchar not null,
  detector varchar not null,
  detector_version integer not null,
  state varchar not null,
  severity varchar not null,
  title varchar not null,
  account_id varchar,
  region varchar,
  bucket varchar,
  "key" varchar,
  principal varchar,
  source_ip varchar,
  user_agent varchar,
  first_event_at timestamp not null,
  last_event_at timestamp not null,
  event_count bigint not null,
  created_at timestamp not null,
  updated_at timestamp not null,
  run_id varchar not null,
  -- Counts the changes of what was found; an alert says which one it announced.
  revision integer not null,
  -- Why it is suppressed, or the note of the last change of its state.
  reason varchar,
  -- JSON: what people and the program did with it.
  life varchar not null,
  -- JSON: description, evidence, baseline, mitre, query, next_steps.
  body varchar not null
);

-- What each window of event time contributes to a finding; looking at a window again replaces its contribution.
create table if not exists finding_windows (
  finding_id varchar not null,
  window_start timestamp not null,
  first_event_at timestamp not null,
  last_event_at timestamp not null,
  event_count bigint not null,
  body varchar not null
);

-- How often each suppression of the config held; looking at a window again replaces its count.
create table if not exists suppression_hits (
  -- Hash of the detector and the match of the rule.
  suppression varchar not null,
  detector varchar not null,
  window_start timestamp not null,
  hits bigint not null,
  last_event_at timestamp not null
);

-- Alerts to deliver; written in the transaction of their finding. A delivered row says what its sink has heard.
create table if not exists outbox (
  id varchar not null,
  sink varchar not null,
  -- Null for the digest of a run.
  finding_id varchar,
  revision integer not null,
  severity varchar not null,
  -- first, severity, update, closed or digest: why it was announced.
  reason varchar not null,
  -- pending, delivered, dead (given up), digested (told by the run's digest), withdrawn (no longer worth telling).
  state varchar not null,
  attempts integer not null,
  -- When it is to be tried; of a dead one, when it died.
  next_at timestamp not null,
  created_at timestamp not null,
  delivered_at timestamp,
  last_error varchar,
  run_id varchar not null,
  payload varchar not null
);

-- CloudTrail log files that were read, with the SHA-256 of their inflated bytes (null: not known). Digests know a file by
-- its name, which is unique, so a copy of a bucket can be checked as well.
create table if not exists trail_files (
  uri varchar not null,
  etag varchar not null,
  "name" varchar not null,
  account_id varchar not null,
  region varchar not null,
  delivered_at timestamp not null,
  sha256 varchar,
  run_id varchar not null
);

-- CloudTrail digest files that were read. What is malformed has a problem and, if its name says them, account and time.
create table if not exists digest_files (
  uri varchar not null,
  etag varchar not null,
  "name" varchar not null,
  sha256 varchar,
  -- Of the object's metadata; null in copies without it.
  signature varchar,
  problem varchar,
  account_id varchar,
  region varchar,
  trail varchar,
  is_backfill boolean not null,
  start_time timestamp,
  end_time timestamp,
  end_time_text varchar,
  bucket varchar,
  "key" varchar,
  own_name varchar,
  key_fingerprint varchar,
  previous_name varchar,
  previous_sha256 varchar,
  previous_signature varchar,
  run_id varchar not null
);

-- The log files that digests name.
create table if not exists digest_entries (
  digest_uri varchar not null,
  digest_etag varchar not null,
  bucket varchar not null,
  "key" varchar not null,
  "name" varchar not null,
  sha256 varchar not null,
  delivered_at timestamp,
  run_id varchar not null
);

-- Public keys that signatures of digests are checked with: DER (PKCS#1) in base64, by CloudTrail's fingerprint.
create table if not exists trail_keys (
  fingerprint varchar not null,
  der varchar not null
);

-- Runs whose log and digest files have been compared with the others.
create table if not exists integrity_runs (run_id varchar not null);

-- verified, wrong, or unlisted (CloudTrail has no such public key), for each digest that could be checked; a digest
-- without a row could not.
create table if not exists digest_signatures (
  uri varchar not null,
  etag varchar not null,
  state varchar not null
);

-- A row a digest: what checking it gave. Worked out anew when something of its time was read (store/log-integrity.sql).
create table if not exists trail_digests (
  uri varchar not null,
  account_id varchar,
  region varchar,
  trail varchar,
  start_time timestamp,
  end_time timestamp not null,
  chain varchar not null,
  signature varchar not null,
  files bigint not null,
  files_verified bigint not null,
  files_changed bigint not null,
  files_missing bigint not null,
  files_unchecked bigint not null
);

-- A row a contradiction between CloudTrail's digests and what was read.
create table if not exists integrity_problems (
  "time" timestamp not null,
  kind varchar not null,
  account_id varchar,
  region varchar,
  trail varchar,
  bucket varchar,
  "key" varchar,
  uri varchar,
  digest_uri varchar,
  waiting_hours integer,
  detail varchar not null
);
