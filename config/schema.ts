/**
 * The config file: every key, what it takes, its default and its meaning. The one place that knows a key's name; the
 * rest of the program sees the normalised `FileConfig` (camelCase, units in the names).
 */
import { z } from 'zod';
import { fault, listOf, mapping, nullable, optional } from './mapping.js';
import {
  accountId,
  bucketPattern,
  detectorPattern,
  duration,
  durationOrNever,
  filePath,
  flag,
  lastDay,
  objectPattern,
  severity,
  size,
  toCidr,
  wholeNumber,
  words,
} from './scalars.js';
import { sinkSchema } from './sink-schema.js';
import { sourceSchema } from './source-schema.js';
import { businessHoursSchema, geoipSchema, networksSchema, threatListSchema } from './surroundings-schema.js';

const scalarParam = z.union(
  [z.number(), words, z.boolean()],
  fault('is not a parameter', 'a number, text, true or false, or a list of them'),
);

const detectorSettings = mapping({
  enabled: optional(flag, true, 'false switches the detector off.'),
  severity: nullable(severity, 'Severity of its findings instead of the detector’s own.'),
  dry_run: optional(flag, false, 'true keeps findings in the store and sends no alert.'),
  params: optional(
    z.record(
      z.string(),
      z.union(
        [scalarParam, z.array(scalarParam)],
        fault('is not a parameter', 'a number, text, true or false, or a list of them'),
      ),
      fault('is not a mapping', 'parameter names with their values'),
    ),
    {},
    'Parameters by name; `bucketwatch detectors explain ID` lists them with units and defaults.',
  ),
}).transform(({ dry_run, ...settings }) => ({ ...settings, dryRun: dry_run }));

/** The fields of a finding that a suppression can look at, by the finding's own names. */
export const matchFields = ['account_id', 'region', 'bucket', 'key', 'principal', 'source_ip', 'user_agent'] as const;

const patterns = (pattern: z.ZodType<string, string>, problem: string, expected: string) =>
  z
    .union([pattern, z.array(pattern).min(1)], fault(problem, expected))
    .transform((given) => (Array.isArray(given) ? given : [given]));
const names = nullable(
  patterns(words, 'is not a name', 'a name or a list of names, in which * stands for anything'),
  'A name or a list, with * for anything.',
);
const addressPattern = words.refine(
  isAddressPattern,
  fault('is not an address', 'an address, a CIDR, or a text with *'),
);

function isAddressPattern(written: string): boolean {
  return written.includes('*') || toCidr(written) !== null;
}

const match = mapping({
  account_id: names,
  region: names,
  bucket: names,
  key: names,
  principal: names,
  source_ip: nullable(
    patterns(addressPattern, 'is not an address', 'an address, a CIDR or a list of them'),
    'An address, a CIDR or a list.',
  ),
  user_agent: names,
}).transform((fields) => {
  const given: Partial<Record<(typeof matchFields)[number], string[]>> = {};
  for (const field of matchFields) if (fields[field] !== null) given[field] = fields[field];
  return given;
});

const suppression = mapping({
  detector: optional(detectorPattern, '*', 'Id of the detector, with * for anything.'),
  match: optional(match, {}, 'Fields of the finding; all of them must match.'),
  reason: words.describe('Why this is expected; shown beside the suppressed findings.'),
  owner: nullable(words, 'Who answers for it.'),
  expires: nullable(lastDay, 'Last day (UTC) on which it holds; null never ends.'),
})
  .refine(
    ({ detector, match }) => /[^*]/.test(detector) || Object.keys(match).length > 0,
    fault('would suppress every finding', 'a detector, a match, or both'),
  )
  .transform(({ expires, ...suppression }) => ({ ...suppression, expiresAtMs: expires }));

const alerts = mapping({
  cool_down: optional(
    duration,
    '1h',
    'Silence after an alert of a critical or high finding; a rise in severity ends it at once.',
  ),
  cool_down_minor: optional(duration, '1d', 'The same for medium, low and info findings.'),
  close_after: optional(
    durationOrNever,
    '14d',
    'A finding without news for this long is closed; never leaves that to people.',
  ),
  max_per_run: optional(
    wholeNumber(1, 10_000),
    50,
    'Alerts that a sink gets one by one in a run, the worst first; the rest is one digest.',
  ),
}).transform(({ cool_down, cool_down_minor, close_after, max_per_run }) => ({
  coolDownMs: cool_down,
  minorCoolDownMs: cool_down_minor,
  /** Null never closes. */
  closeAfterMs: close_after === 'never' ? null : close_after,
  maxPerRun: max_per_run,
}));

const accounts = mapping({
  own: optional(listOf(accountId), [], 'Your accounts; those seen as owners of log buckets are added.'),
  trusted: optional(listOf(accountId), [], 'Accounts of partners whose access is expected.'),
});

const buckets = (description: string) => optional(listOf(bucketPattern), [], description);
const objects = (description: string) => optional(listOf(objectPattern), [], description);

/** The whole file. Parsing it gives a `FileConfig`; every key may be left out. */
export const configSchema = mapping({
  data_dir: nullable(filePath, 'Folder of the lake and the catalog; --data-dir and BUCKETWATCH_DATA_DIR win over it.'),
  sources: optional(listOf(sourceSchema), [], 'Where logs come from.'),
  accounts: optional(accounts, {}, 'Accounts that are yours or trusted.'),
  networks: optional(networksSchema, {}, 'Networks.'),
  log_buckets: buckets('Buckets that hold audit logs; others are discovered.'),
  log_readers: optional(
    listOf(words),
    [],
    'ARNs of roles and users that read log buckets by profession; the one that bucketwatch reads with is added.',
  ),
  public_buckets: buckets('Buckets that are meant to be read by anyone.'),
  cloudfront_only: buckets('Buckets that only CloudFront should read.'),
  tls_only: buckets('Buckets in which a request without TLS is a finding.'),
  vpc_endpoint_required: buckets('Buckets that must be reached through a VPC endpoint.'),
  sensitive: objects('Buckets or prefixes whose findings weigh more.'),
  canaries: objects('Buckets, prefixes or keys that nobody has a reason to touch.'),
  threat_lists: optional(listOf(threatListSchema), [], 'Lists of bad addresses.'),
  geoip: optional(geoipSchema, {}, 'MaxMind databases; without them, nothing asks where an address is.'),
  business_hours: nullable(businessHoursSchema, 'When people work; null leaves detectors of odd hours off.'),
  learning: optional(
    mapping({
      days: optional(wholeNumber(0, 365), 7, 'Days of history before a baseline may raise findings.'),
      min_events: optional(wholeNumber(0, 1_000_000_000), 50, 'Events of an entity before its baseline counts.'),
    }).transform(({ days, min_events }) => ({ days, minEvents: min_events })),
    {},
    'How much must be known before something can be unusual.',
  ),
  log_integrity: optional(
    mapping({
      key_files: optional(
        listOf(filePath),
        [],
        'Files with public keys of CloudTrail: the JSON of “aws cloudtrail list-public-keys”, or PEM.',
      ),
      list_public_keys: optional(
        flag,
        true,
        'true asks CloudTrail for the keys of digests that lie in S3; false leaves signatures without a key unchecked.',
      ),
    }).transform(({ key_files, list_public_keys }) => ({ keyFiles: key_files, listPublicKeys: list_public_keys })),
    {},
    'How signatures of CloudTrail’s digest files are checked.',
  ),
  detectors: optional(
    z.record(detectorPattern, detectorSettings, fault('is not a mapping', 'detector ids with their settings')),
    {},
    'Settings by detector id, with * for anything; later entries win.',
  ),
  detector_dirs: optional(
    listOf(filePath),
    [],
    'Folders with detectors of your own, <family>/<id>.sql each; see docs/writing-detectors.md.',
  ),
  suppressions: optional(
    listOf(suppression),
    [],
    'Findings that are expected; they are kept and counted, and not sent.',
  ),
  alerts: optional(alerts, {}, 'When sinks hear of a finding, and when it ends.'),
  sinks: optional(listOf(sinkSchema), [], 'Where findings go.'),
  limits: optional(
    mapping({
      memory: optional(size('128MB'), '512MB', 'Memory of the whole process, about.'),
      threads: optional(
        z.union(
          [z.literal('auto'), wholeNumber(1, 256)],
          fault('is not a number of threads', 'auto, or a whole number from 1 to 256'),
        ),
        'auto',
        'Worker threads; auto is one a core.',
      ),
      max_inflated: optional(size('1MB'), '200MB', 'A compressed object that grows beyond this is rejected.'),
    }).transform(({ memory, threads, max_inflated }) => ({
      memoryBytes: memory,
      threads,
      maxInflatedBytes: max_inflated,
    })),
    {},
    'Bounds of a run.',
  ),
  retention_days: optional(
    z.union(
      [z.literal('forever'), wholeNumber(1, 36_500)],
      fault('is not a number of days', 'a whole number from 1, or forever'),
    ),
    90,
    'Days of logs to keep, counted back from the newest event; forever deletes nothing. A run over the sources of the config forgets older days; findings, and the rollups that baselines learn from, stay.',
  ),
}).transform((file) => ({
  dataDir: file.data_dir,
  sources: file.sources,
  accounts: file.accounts,
  networks: file.networks,
  logBuckets: file.log_buckets,
  logReaders: file.log_readers,
  publicBuckets: file.public_buckets,
  cloudfrontOnly: file.cloudfront_only,
  tlsOnly: file.tls_only,
  vpcEndpointRequired: file.vpc_endpoint_required,
  sensitive: file.sensitive,
  canaries: file.canaries,
  threatLists: file.threat_lists,
  geoip: file.geoip,
  businessHours: file.business_hours,
  learning: file.learning,
  logIntegrity: file.log_integrity,
  detectors: file.detectors,
  detectorDirs: file.detector_dirs,
  suppressions: file.suppressions,
  alerts: file.alerts,
  sinks: file.sinks,
  limits: file.limits,
  retentionDays: file.retention_days === 'forever' ? null : file.retention_days,
}));

/** The file's content, normalised: paths still as written, `dataDir` null when the file does not say. */
export type FileConfig = z.output<typeof configSchema>;
