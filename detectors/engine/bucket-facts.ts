/** The tables `buckets` and `sensitive_prefixes`: what the config and the logs say about the buckets of the window. */
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  BOOLEAN,
  DuckDBTimestampValue,
  LIST,
  TIMESTAMP,
  VARCHAR,
  listValue,
  type DuckDBListValue,
} from '@duckdb/node-api';
import type { FileConfig } from '../../config/schema.js';
import { matchesAnyName, matchesName } from '../../config/name-pattern.js';
import { appendTempRows, type AppendColumn } from '../../store/append-rows.js';
import { queryRows, setList } from '../../store/duckdb.js';

/** CloudTrail events that say which bucket logs go to, or when a bucket was made. */
export const bucketFactEvents: readonly string[] = ['PutBucketLogging', 'CreateTrail', 'UpdateTrail', 'CreateBucket'];

/** Services that write nothing but logs; their writes make a log bucket whatever its name. */
const logWriters = [
  'service:cloudtrail.amazonaws.com',
  'service:delivery.logs.amazonaws.com',
  'service:logging.s3.amazonaws.com',
];

/** Buckets that services write to, as the rollup says; few, for services that nobody listed. */
const serviceBucketsSql = `
select distinct bucket
from activity
where action_class = 'write' and starts_with(principal, 'service:') and bucket is not null
  and hour >= getvariable('window_from')
  and not list_contains(getvariable('log_writers'), principal)`;

/** When a service first wrote what looks like logs there. */
const serviceLogsSql = `
insert into service_logs
select bucket, min(event_time)
from s3_events
where list_contains(getvariable('service_buckets'), bucket)
  and action_class = 'write' and is_success and starts_with(principal, 'service:') and contains(key, 'AWSLogs/')
group by bucket`;

/**
 * Buckets of the window and whether logs are delivered to them: as the target of access logging or of a trail, or by what
 * services ever wrote there.
 */
const bucketsSql = `
with
creations as (
  select bucket, max(event_time) as created_at
  from (
    select resource as bucket, event_time
    from configuration
    where event_name = 'CreateBucket' and event_time < getvariable('window_to')
    union all
    select bucket, event_time
    from window_changes
    where event_name = 'CreateBucket'
  )
  group by bucket
),
log_changes as (
  select event_time, event_name, resource, parameters
  from configuration
  where event_name in ('PutBucketLogging', 'CreateTrail', 'UpdateTrail') and event_time < getvariable('window_to')
  union
  select event_time, event_name, coalesce(bucket, try(json_extract_string(request_parameters, '$.name'))), request_parameters
  from window_changes
  where event_name in ('PutBucketLogging', 'CreateTrail', 'UpdateTrail')
),
targets as (
  select
    event_time, event_name, resource,
    coalesce(
      try(json_extract_string(parameters, '$.BucketLoggingStatus.LoggingEnabled.TargetBucket')),
      try(json_extract_string(parameters, '$.s3BucketName'))) as bucket
  from log_changes
),
-- A target counts until another took its place; whether logs came there is another sign.
named as (
  select bucket, event_time as seen_at, lead(event_time) over (partition by resource order by event_time) as replaced_at
  from targets
  where event_name = 'PutBucketLogging' or bucket is not null
),
log_signs as (
  select bucket, seen_at, replaced_at
  from named
  where bucket is not null
  union all
  select bucket, hour, null
  from activity
  where action_class = 'write' and requests > errors and list_contains(getvariable('log_writers'), principal)
  union all
  select bucket, seen_at, null from service_logs
),
log_targets as (
  select bucket, min(seen_at) as seen_at, case when count(*) = count(replaced_at) then max(replaced_at) end as ended_at
  from log_signs
  group by bucket
),
seen as (
  select bucket from activity where hour >= getvariable('window_from')
  union
  select bucket from window_names
  union
  select bucket from log_targets
)
select
  seen.bucket,
  epoch_us(creations.created_at) as created_at_us,
  epoch_us(log_targets.seen_at) as log_since_us,
  epoch_us(log_targets.ended_at) as log_until_us,
  regexp_matches(lower(seen.bucket), 'cloudtrail|access-?logs|trail-logs') as looks_like_logs
from seen
left join creations on creations.bucket = seen.bucket
left join log_targets on log_targets.bucket = seen.bucket
where seen.bucket is not null
order by seen.bucket
`;

interface SeenBucket {
  readonly bucket: string;
  readonly created_at_us: bigint | number | null;
  readonly log_since_us: bigint | number | null;
  readonly log_until_us: bigint | number | null;
  readonly looks_like_logs: boolean;
}

/**
 * Creates `buckets(bucket, is_log, is_log_guess, is_public, is_sensitive, sensitive_prefixes, is_tls_only, created_at,
 * log_since, log_until)`, a row a bucket of the window and one that the config names as sensitive, and
 * `sensitive_prefixes(bucket, key_prefix)`. A guess is no more than a name, and never true with `is_log`. A bucket without
 * sensitive prefixes has null. `created_at` is the last known creation; null when it is older than the logs. `log_since` is
 * the first sign that logs are delivered to the bucket, 1970 for one that the config lists: a call that names a new target
 * is a sign itself. `log_until` is when another target took its place; null when none did, or when logs came there.
 */
export async function createBucketFacts(connection: DuckDBConnection, config: FileConfig): Promise<void> {
  await setList(connection, 'log_writers', logWriters);
  await findServiceLogs(connection);
  const seen = withSensitive(await queryRows<SeenBucket>(connection, bucketsSql), config);
  await connection.run('drop table service_logs');
  await connection.run(`
    create or replace temp table buckets (
      bucket varchar, is_log boolean, is_log_guess boolean, is_public boolean, is_sensitive boolean,
      sensitive_prefixes varchar[], is_tls_only boolean, created_at timestamp, log_since timestamp, log_until timestamp
    )`);
  const prefixes = config.sensitive.filter((entry) => entry.includes('/')).flatMap((entry) => prefixesOf(entry, seen));
  await appendTempRows(connection, 'buckets', bucketColumns(config, prefixes), seen);
  await connection.run('create or replace temp table sensitive_prefixes (bucket varchar, key_prefix varchar)');
  await appendTempRows(connection, 'sensitive_prefixes', prefixColumns, prefixes);
}

/** `service_logs(bucket, seen_at)`; the log is only read where there is something to find. */
async function findServiceLogs(connection: DuckDBConnection): Promise<void> {
  await connection.run('create or replace temp table service_logs (bucket varchar, seen_at timestamp)');
  const buckets = await queryRows<{ bucket: string }>(connection, serviceBucketsSql);
  if (buckets.length === 0) return;
  await setList(
    connection,
    'service_buckets',
    buckets.map(({ bucket }) => bucket),
  );
  await connection.run(serviceLogsSql);
}

/** Adds the buckets that the config names as sensitive: the source of a copy may show in nothing but the copy itself. */
function withSensitive(seen: readonly SeenBucket[], { sensitive }: FileConfig): SeenBucket[] {
  const known = new Set(seen.map(({ bucket }) => bucket));
  const named = new Set(sensitive.map((entry) => entry.split('/', 1)[0]!));
  const unseen = [...named].filter((bucket) => !bucket.includes('*') && !known.has(bucket)).sort();
  const facts = { created_at_us: null, log_since_us: null, log_until_us: null, looks_like_logs: false };
  return [...seen, ...unseen.map((bucket) => ({ bucket, ...facts }))];
}

function bucketColumns(config: FileConfig, prefixes: readonly SensitivePrefix[]): AppendColumn<SeenBucket>[] {
  const sensitiveBuckets = config.sensitive.filter((entry) => !entry.includes('/'));
  const isListed = (seen: SeenBucket): boolean => matchesAnyName(config.logBuckets, seen.bucket);
  const isLog = (seen: SeenBucket): boolean => seen.log_since_us !== null || isListed(seen);
  const prefixesOfBucket = (seen: SeenBucket): DuckDBListValue | null => {
    const own = prefixes.filter(([bucket]) => bucket === seen.bucket).map(([, prefix]) => prefix);
    return own.length === 0 ? null : listValue(own);
  };
  return [
    { type: VARCHAR, value: ({ bucket }) => bucket },
    { type: BOOLEAN, value: isLog },
    { type: BOOLEAN, value: (seen) => seen.looks_like_logs && !isLog(seen) },
    { type: BOOLEAN, value: ({ bucket }) => matchesAnyName(config.publicBuckets, bucket) },
    { type: BOOLEAN, value: ({ bucket }) => matchesAnyName(sensitiveBuckets, bucket) },
    { type: LIST(VARCHAR), value: prefixesOfBucket },
    { type: BOOLEAN, value: ({ bucket }) => matchesAnyName(config.tlsOnly, bucket) },
    { type: TIMESTAMP, value: (seen) => timestamp(seen.created_at_us) },
    { type: TIMESTAMP, value: (seen) => timestamp(isListed(seen) ? 0 : seen.log_since_us) },
    { type: TIMESTAMP, value: (seen) => timestamp(isListed(seen) ? null : seen.log_until_us) },
  ];
}

function timestamp(us: bigint | number | null): DuckDBTimestampValue | null {
  return us === null ? null : new DuckDBTimestampValue(BigInt(us));
}

type SensitivePrefix = readonly [bucket: string, keyPrefix: string];

const prefixColumns: readonly AppendColumn<SensitivePrefix>[] = [
  { type: VARCHAR, value: ([bucket]) => bucket },
  { type: VARCHAR, value: ([, prefix]) => prefix },
];

/** A prefix ends at the first `*`: what an entry such as `bucket/a*b` also covers by that only weighs a little more. */
function prefixesOf(entry: string, seen: readonly SeenBucket[]): SensitivePrefix[] {
  const slash = entry.indexOf('/');
  const keyPrefix = entry.slice(slash + 1).split('*', 1)[0]!;
  return seen
    .filter(({ bucket }) => matchesName(entry.slice(0, slash), bucket))
    .map(({ bucket }) => [bucket, keyPrefix]);
}
