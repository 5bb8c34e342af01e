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
