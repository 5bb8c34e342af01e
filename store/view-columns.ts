/**
 * What the columns of the views and of the public tables of the catalog mean: unit, range, the meaning of null. Columns
 * of the lake say it in parsers/tables.ts; docs/tables.md is written from both, and a test compares them with DuckDB.
 */
import { accessLogTable, cloudtrailTable, rejectsTable, type Table } from '../parsers/tables.js';

/** The views and tables that people query, in the order of docs/tables.md. */
export const publicViewNames = [
  's3_events',
  'api_events',
  's3_access_log',
  'cloudtrail',
  'rejects',
  'trail_digests',
  'integrity_problems',
  'objects',
  'runs',
  'findings',
  'activity_rows',
  'activity_history',
  'activity_by_hour',
  'sightings_history',
] as const;
export type PublicViewName = (typeof publicViewNames)[number];

/** A view or table as documentation shows it. */
export interface PublicView {
  /** A sentence or two: what one row is. */
  readonly about: string;
  /** Descriptions by column, in the order of the columns. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Describes columns of a lake table under the names that its view shows them by. */
function lakeColumns(table: Table, replaced: Readonly<Record<string, Readonly<Record<string, string>>>> = {}) {
  const columns: Record<string, string> = {};
  for (const { name, description } of table.columns) {
    Object.assign(columns, replaced[name] ?? { [name]: description });
  }
  return columns;
}

const day = {
  dt: 'Day of event_time, UTC; the folder of the lake. A condition on it reads only the files of those days.',
};

const accessLogColumns = lakeColumns(accessLogTable, {
  key_logged: { key_raw: 'Object key as logged, percent-encoded; null when the operation has no key.' },
  extra_fields: { extra_fields: 'Fields after the 27th, as logged; null when there are none.' },
});

const eventColumns = {
  event_time: 'When the request was made, UTC; whole seconds when only text logs saw it.',
  source: 'access_log or cloudtrail: the log that the row was taken from; access_log when both saw the request.',
  account_id: 'Account of the bucket, else the account whose trail saw the request; null without CloudTrail.',
  region: 'Region of the request; null without CloudTrail.',
  bucket: 'The bucket; null for requests without one, such as ListBuckets.',
  key: 'Object key, decoded; null when the request has none.',
  action: 'API name as CloudTrail spells it, for example GetObject; operations without one keep their own name.',
  action_class: 'read, write, delete, list, permission, config or other.',
  principal:
    'The caller without session and path: an ARN, account:ID, service:NAME, canonical:ID, cloudfront:ID, anonymous, or unauthenticated after a failed signature.',
  principal_raw: 'The caller as logged, with its session; null when unauthenticated.',
  principal_kind:
    'role, user, root, federated, service, account, canonical, cloudfront, anonymous, unauthenticated or unknown.',
  principal_account_id: 'Account of the caller, twelve digits; null when the log does not say.',
  access_key_id: 'Access key id that signed the request; null without CloudTrail or signature.',
  source_ip: 'Address of the caller, or the DNS name of the service that called; null for work of S3 itself.',
  source_network: 'The /24 or /48 network of the address; null when it has no address.',
  user_agent: 'User agent; null was not sent.',
  status: 'HTTP status; null when only CloudTrail saw the request, and for lifecycle and checksum records.',
  error_code: 'Error code; null when the request succeeded.',
  is_success: 'True when the request was answered with 2xx, or without an error where no status is logged.',
  is_anonymous: 'True when nobody signed the request and nobody tried to.',
  is_aws_service: 'True when an AWS service made the request, on its own or for somebody.',
  bytes_in: 'Bytes that the caller sent; null without CloudTrail.',
  bytes_out: 'Bytes that the caller received; null when zero or unknown.',
  tls_version: 'For example TLSv1.2; null over plain HTTP, or when not stated.',
  authentication_type: 'AuthHeader, QueryString (presigned) or HtmlForm; null when unauthenticated.',
  request_id: 'Request id, the same in both logs; the rows of a COPY pair and of a batch delete share one.',
  row_id: 'Identity of the row: log_uri, #, and the line or record.',
  operation: 'Operation of the access log, for example REST.GET.OBJECT; null when only CloudTrail saw the request.',
  cipher_suite: 'TLS cipher; null over plain HTTP.',
  version_id: 'Object version that the request named; null when none.',
  is_bucket_owner: 'True when the caller is the account (root) that owns the bucket.',
  log_uri: 'The object that the row came from: a path or an s3:// URI.',
  log_line: 'Line of the object from 1 (access log), or record from 0 (CloudTrail).',
  dt: 'Day of event_time, UTC.',
};

/** What both ledgers count; `lines = rows + duplicates + rejected` holds in each of their rows. */
const accounts = {
  lines: 'Records that are neither blank nor skipped; lines = rows + duplicates + rejected.',
  rows: 'Records that became rows of the lake.',
  duplicates: 'Records that the lake had already.',
  rejected: 'Records that could not be parsed; they are in rejects.',
};
const skipped = 'JSON: counts of deliberately skipped records by kind, see docs/data-quality.md; null when none.';

const digestColumns = {
  uri: 'The digest file: a path or an s3:// URI.',
  account_id: 'Account of the log files, twelve digits; null when a malformed digest does not say.',
  region: 'Region of the log files; null when a malformed digest does not say.',
  trail: 'Name of the trail; null when a malformed digest does not say.',
  start_time: 'Start of the hour of delivery, UTC; null when it is malformed.',
  end_time: 'End of the hour of delivery, UTC.',
  chain:
    'linked (the digest before it is what it says), changed (it is not), missing (it was not there), start (there was none), restarted (there was none, though there are earlier digests), begins (nothing earlier was read), or unread (this digest is malformed).',
  signature:
    'verified, wrong, unlisted (CloudTrail lists no such public key), or unchecked: without a key or without a signature.',
  files: 'Log files that it names.',
  files_verified: 'Those that were read with exactly the content that it says.',
  files_changed: 'Those that were read with other content.',
  files_missing: 'Those that were not there, though files of their account, Region and time were read.',
  files_unchecked:
    'Those that were not read, or not hashed; all of them when the signature is wrong, because it proves nothing then.',
};

const integrityColumns = {
  time: 'End of the hour of the digest, or delivery of a file that no digest names, UTC.',
  kind: 'file-changed, file-missing, file-unnamed, digest-changed, digest-missing, digest-moved, digest-malformed, digest-gap, chain-restarted or signature-wrong; see docs/log-integrity.md.',
  account_id: 'Account of the log files; null when unknown.',
  region: 'Region of the log files; null when unknown.',
  trail: 'Name of the trail; null when unknown.',
  bucket: 'Bucket that the digest says; null when unknown.',
  key: 'Key or name of the file that it is about; null when it is about none.',
  uri: 'What was read of it; null when nothing was.',
  digest_uri: 'The digest that says so; null when there is none.',
  waiting_hours: 'How long it has been missing, at most 24; null for what will not change by waiting.',
  detail: 'What was found.',
};

const objectColumns = {
  uri: 'Path or s3:// URI.',
  etag: 'ETag, or size and modification time of a local file; another one makes it another object.',
  size: 'Bytes as stored.',
  format: 'What the object proved to be, for example access-log-text or gzip cloudtrail-json.',
  run_id: 'The run that read it.',
  read_at: 'When that was committed, UTC.',
  ...accounts,
  skipped,
};

const runColumns = {
  run_id: 'Sortable by time: the start and four random bytes.',
  command: 'The command, for example run or ingest.',
  status: 'running, done, partly (some objects or sinks failed) or interrupted.',
  started_at: 'Start, UTC.',
  ended_at: 'End, UTC; null while it runs, or when it was killed.',
  objects: 'Objects that were read.',
  objects_skipped: 'Objects that the ledger had already.',
  objects_failed: 'Objects that could not be read; the next run tries them again.',
  ...accounts,
  skipped,
  bytes: 'Bytes of the objects that were read, as stored.',
};

const findingColumns = {
  id: 'SHA-256 in hex of the dedupe key and of the first event when it was made; late logs do not change it.',
  dedupe_key: 'SHA-256 in hex of detector, version and entity; there is one open finding a key.',
  detector: 'Id of the detector.',
  detector_version: 'Version of the detector that wrote the finding last.',
  state: 'open, updated, acknowledged, closed or suppressed.',
  severity: 'critical, high, medium, low or info.',
  title: 'What was found, in a few words.',
  account_id: 'Account that it concerns; null when unknown.',
  region: 'Region that it concerns; null when unknown.',
  bucket: 'Bucket that it concerns; null when it concerns none or many.',
  key: 'An example of the object keys; null when it concerns none.',
  principal: 'Who did it, as in s3_events; null when the detector does not name one.',
  source_ip: 'An example of the addresses; null when there is none.',
  user_agent: 'An example of the user agents; null when there is none.',
  first_event_at: 'First event, UTC, event time.',
  last_event_at: 'Last event, UTC, event time.',
  event_count: 'Events that it stands for.',
  created_at: 'When it was first written, UTC.',
  updated_at: 'When it last changed, UTC.',
  run_id: 'The run that changed it last.',
  revision: 'Counts the changes of what was found; an alert says which one it announced.',
  reason: 'Why it is suppressed, or the note of the last change of its state; null when there is none.',
  life: 'JSON: what people and the program did with it.',
  body: 'JSON: description, evidence, baseline, mitre, query and next_steps.',
};

const activityColumns = {
  hour: 'Hour of the events, UTC.',
  source: 'access_log or cloudtrail; a request that both saw is counted in each.',
  principal: 'The caller, as in s3_events, by the identity that this log shows.',
  principal_kind: 'As in s3_events.',
  principal_account_id: 'As in s3_events.',
  bucket: 'The bucket; null for requests without one.',
  action_class: 'As in s3_events.',
  requests: 'Number of requests.',
  errors: 'Requests that failed.',
  bytes_out: 'Bytes that the caller received.',
  bytes_in: 'Bytes that the caller sent; 0 in the access log, which does not say.',
  is_anonymous: 'As in s3_events.',
  is_aws_service: 'As in s3_events.',
};

const { hour, principal, principal_kind, bucket, action_class, requests, errors, bytes_out, bytes_in } =
  activityColumns;
const activityByHourColumns = {
  hour,
  principal,
  principal_kind,
  bucket,
  action_class,
  requests,
  errors,
  bytes_out,
  bytes_in,
};

const sightingColumns = {
  day: 'Day of the events, UTC.',
  source: 'access_log or cloudtrail.',
  dimension:
    'What was seen: principal-network is a principal in a network, kms-key-bucket a KMS key that S3 used for a bucket; bucket-encryption and principal-encryption are a bucket and a principal that used SSE-C; access-key is a long-term access key and the principal that used it.',
  entity: 'Who was seen: the principal, the bucket or the key.',
  value: 'With what: the network, the bucket, or SSE-C.',
  events: 'Number of requests.',
  first_event_at: 'First of them that day, UTC.',
  last_event_at: 'Last of them that day, UTC.',
};

/** All of them, with every column. */
export const publicViews: Readonly<Record<PublicViewName, PublicView>> = {
  s3_events: {
    about:
      'Requests to S3 from both logs in one shape. A request that both logs saw is one row: that of the access log, with the identity, account and Region of CloudTrail.',
    columns: eventColumns,
  },
  api_events: {
    about:
      's3_events and, in the same shape, what CloudTrail recorded of other services: KMS, CloudTrail itself, IAM and what else was in the logs. `investigate` follows a subject through it.',
    columns: {
      ...eventColumns,
      action: 'As in s3_events; of another service its name and that of the event, for example cloudtrail:StopLogging.',
      action_class: 'As in s3_events; of another service config when it changes something, else other.',
    },
  },
  s3_access_log: {
    about: 'S3 server access logs: a row a line, the 27 fields under AWS’s names.',
    columns: { ...accessLogColumns, ...day },
  },
  cloudtrail: {
    about: 'CloudTrail: a row a record, of every service that was in the logs. Nested objects are JSON text.',
    columns: { ...lakeColumns(cloudtrailTable), ...day },
  },
  rejects: {
    about: 'Lines and records that could not be parsed, with their place and their bytes.',
    columns: { ...lakeColumns(rejectsTable), run_date: 'Day of the run that rejected it, UTC.' },
  },
  trail_digests: {
    about: 'CloudTrail’s digest files that were read, and what checking them gave.',
    columns: digestColumns,
  },
  integrity_problems: {
    about: 'Where CloudTrail’s digests and the files that were read contradict each other.',
    columns: integrityColumns,
  },
  objects: { about: 'The ledger: a row an object that was read. No object is read twice.', columns: objectColumns },
  runs: { about: 'A row a run, finished or not.', columns: runColumns },
  findings: {
    about: 'What the detectors found, in its current state. “bucketwatch findings” prints them.',
    columns: findingColumns,
  },
  activity_rows: {
    about:
      'What activity_history sums, in parts: several rows may be about the same hour, log, caller, bucket and class. The quickest for sums, first and last hours.',
    columns: activityColumns,
  },
  activity_history: {
    about:
      'Requests by hour, caller, bucket and class of action: a rollup that costs the same for any number of requests.',
    columns: activityColumns,
  },
  activity_by_hour: {
    about:
      'activity_history of both logs together: of each hour, caller, bucket and class the greater number, because a request that both saw is counted in each.',
    columns: activityByHourColumns,
  },
  sightings_history: {
    about:
      'Where each caller was seen, and who used SSE-C, by day. The networks of anonymous callers and services are not remembered.',
    columns: sightingColumns,
  },
};
